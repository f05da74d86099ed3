package fakedropbox.junit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where the program {@code fake-dropbox} is. */
final class Program {
    private Program() {}

    /** The one that FAKE_DROPBOX_BIN names, else the one on the class path, else the one on the PATH. */
    static Path find() {
        String named = System.getenv("FAKE_DROPBOX_BIN");
        return find(named, Program.class.getClassLoader(), System.getenv("PATH"));
    }

    static Path find(@Nullable String named, ClassLoader classPath, @Nullable String path) {
        if (named != null && !named.isEmpty()) {
            Path program = Paths.get(named);
            if (!Files.isExecutable(program) || Files.isDirectory(program)) {
                throw new FakeDropboxException("FAKE_DROPBOX_BIN names " + named + ", which is not a program.");
            }
            return program;
        }
        String name = isWindows() ? "fake-dropbox.exe" : "fake-dropbox";
        try (InputStream brought = classPath.getResourceAsStream("fakedropbox/bin/" + platform() + "/" + name)) {
            if (brought != null) {
                return unpacked(brought.readAllBytes(), name);
            }
        } catch (IOException error) {
            throw new FakeDropboxException("The program in fake-dropbox-binary-" + platform()
                    + " cannot be unpacked: " + error + ". Name a program in FAKE_DROPBOX_BIN.");
        }
        for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
            Path program = Paths.get(folder, name);
            if (!folder.isEmpty() && Files.isExecutable(program) && !Files.isDirectory(program)) {
                return program;
            }
        }
        throw new FakeDropboxException("The program fake-dropbox is neither on the class path nor on the PATH: add the"
                + " artifact fake-dropbox-binary-" + platform() + ", or install it with `cargo install fake-dropbox`, or"
                + " name it in FAKE_DROPBOX_BIN, or a server that runs in FAKE_DROPBOX_URL.");
    }

    /** The name of this system and processor in the artifacts. */
    static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return (isWindows() ? "win32" : system.startsWith("mac") ? "darwin" : system) + "-"
                + (processor.matches("amd64|x86_64") ? "x64" : processor.equals("aarch64") ? "arm64" : processor);
    }

    private static boolean isWindows() {
        return System.getProperty("os.name").startsWith("Windows");
    }

    /** Kept in the user's cache under its digest: it is written once, and is always what the jar holds. */
    private static Path unpacked(byte[] program, String name) throws IOException {
        String digest = digest(program);
        String cache = System.getenv(isWindows() ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
        Path base = cache != null && !cache.isEmpty() ? Paths.get(cache)
                : Paths.get(System.getProperty("user.home"), ".cache");
        Path folder = base.resolve("fake-dropbox").resolve("bin").resolve(digest.substring(0, 32));
        Path there = folder.resolve(name);
        if (Files.isExecutable(there) && digest(Files.readAllBytes(there)).equals(digest)) {
            return there;
        }
        Files.createDirectories(folder);
        // Another JVM may do the same now: it has to find all of it, or nothing.
        Path part = Files.createTempFile(folder, "part", null);
        try {
            Files.write(part, program);
            if (!part.toFile().setExecutable(true, true)) {
                throw new IOException(part + " cannot be made executable");
            }
            Files.move(part, there, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
        return there;
    }

    private static String digest(byte[] content) {
        try {
            StringBuilder hex = new StringBuilder();
            for (byte one : MessageDigest.getInstance("SHA-256").digest(content)) {
                hex.append(String.format("%02x", one));
            }
            return hex.toString();
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }
}
