package fakedropbox.junit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A running fake-dropbox. Tests with {@link FakeDropboxTest} share one in each JVM. */
public final class Server implements AutoCloseable {
    // The versions of the server that this package works with: from the first, below the second.
    private static final int[] FROM = {0, 1};
    private static final int[] BELOW = {0, 2};
    private static final long START_SECONDS = 30;
    private static final long END_SECONDS = 12;

    private final String url;
    private final @Nullable Process process;
    private final Map<String, @Nullable String> leading = new LinkedHashMap<>();

    private Server(String url, @Nullable Process process) {
        this.url = url.replaceAll("/+$", "");
        this.process = process;
        check();
    }

    /** The server of this JVM: the one that FAKE_DROPBOX_URL names, or one that is started by the first call. */
    public static Server shared() {
        return Shared.get();
    }

    private static final class Shared {
        private static @Nullable Server server;
        private static @Nullable FakeDropboxException refusal;

        private static synchronized Server get() {
            if (refusal != null) {
                // Each test says why, and none waits for it again.
                throw new FakeDropboxException(refusal.status(), String.valueOf(refusal.getMessage()));
            }
            try {
                if (server == null) {
                    String named = System.getenv("FAKE_DROPBOX_URL");
                    server = named == null || named.isEmpty() ? start() : connect(named);
                }
                return server;
            } catch (FakeDropboxException error) {
                refusal = error;
                throw error;
            }
        }

        private static synchronized @Nullable Server ifAny() {
            return server;
        }
    }

    static @Nullable Server sharedIfAny() {
        return Shared.ifAny();
    }

    /**
     * Starts a server on a free port, and returns when it answers. The arguments are those of
     * {@code fake-dropbox serve}. It ends with this JVM, also if that is killed.
     */
    public static Server start(String... arguments) {
        return start(Program.find(), arguments);
    }

    static Server start(Path program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString(), "serve", "--print-url", "--until-stdin-closes"));
        for (String[] option : new String[][] {{"--port", "0"}, {"--log", "warn"}}) {
            if (Arrays.stream(arguments).noneMatch(it -> it.equals(option[0]) || it.startsWith(option[0] + "="))) {
                command.addAll(List.of(option));
            }
        }
        command.addAll(List.of(arguments));
        Process process;
        Path log;
        try {
            // A file, since nobody would empty a pipe.
            log = Files.createTempFile("fake-dropbox", ".log");
            process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        } catch (IOException error) {
            throw new FakeDropboxException(program + " cannot be started: " + error.getMessage() + ".");
        }
        String address = firstLine(process);
        if (address.isEmpty()) {
            boolean late = process.isAlive();
            end(process);
            throw new FakeDropboxException("fake-dropbox did not start ("
                    + (late ? "it said nothing for " + START_SECONDS + " s" : "exit code " + process.exitValue()) + ")"
                    + said(log));
        }
        delete(log);
        try {
            return new Server(address, process);
        } catch (FakeDropboxException error) {
            end(process);
            throw error;
        }
    }

    /** Takes a server that runs. */
    public static Server connect(String url) {
        return new Server(url, null);
    }

    private static String firstLine(Process process) {
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader out = new BufferedReader(
                    new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                String first = out.readLine();
                line.complete(first == null ? "" : first.strip());
                while (out.readLine() != null) {
                    // It would stop at a full pipe.
                }
            } catch (IOException error) {
                line.complete("");
            }
        }, "fake-dropbox");
        reader.setDaemon(true);
        reader.start();
        try {
            String first = line.get(START_SECONDS, TimeUnit.SECONDS);
            if (first.isEmpty()) {
                // Its output ended: it is about to end itself, and its exit code is wanted.
                process.waitFor(END_SECONDS, TimeUnit.SECONDS);
            }
            return first;
        } catch (TimeoutException | ExecutionException error) {
            return "";
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static String said(Path log) {
        try {
            String said = Files.readString(log).strip();
            return said.isEmpty() ? "." : ": " + said;
        } catch (IOException error) {
            return ".";
        } finally {
            delete(log);
        }
    }

    private static void delete(Path log) {
        try {
            Files.deleteIfExists(log);
        } catch (IOException error) {
            // Windows does not delete what is open; it goes with this JVM.
            log.toFile().deleteOnExit();
        }
    }

    private void check() {
        Object version = controls().get("/status").get("version");
        Matcher parts = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*").matcher(String.valueOf(version));
        if (!parts.matches()) {
            throw new FakeDropboxException("What answers at " + url + " is not a fake-dropbox.");
        }
        int[] found = {Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2))};
        if (Arrays.compare(found, FROM) < 0 || Arrays.compare(found, BELOW) >= 0) {
            throw new FakeDropboxException("The server at " + url + " is fake-dropbox " + version
                    + "; this package works with " + FROM[0] + "." + FROM[1] + " up to, but not including, "
                    + BELOW[0] + "." + BELOW[1] + ". Install matching versions.");
        }
    }

    /** Its address, such as {@code http://127.0.0.1:41234}. */
    public String url() {
        return url;
    }

    /** A new empty account with a token of its own, outside of what the extension does. The name shows in messages. */
    public FakeDropbox account(String name) {
        return FakeDropbox.create(this, name, Settings.NONE);
    }

    Controls controls() {
        return new Controls(url, null);
    }

    /** The variables that lead other programs to the server; null stands for one to remove. */
    synchronized Map<String, @Nullable String> leading() {
        if (leading.isEmpty()) {
            Path said = null;
            try {
                said = Files.createTempFile("fake-dropbox", ".log");
                Process asked = new ProcessBuilder(Program.find().toString(), "env", "--url", url, "--format", "json")
                        .redirectError(said.toFile()).start();
                String variables = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (asked.waitFor() != 0) {
                    throw new FakeDropboxException("The environment for " + url + " cannot be made" + said(said));
                }
                Json.object(Json.read(variables)).forEach((name, value) -> leading.put(name, (String) value));
            } catch (IOException error) {
                throw new FakeDropboxException("The environment for " + url + " cannot be made: " + error);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
                throw new FakeDropboxException("The wait for the environment for " + url + " was interrupted.");
            } finally {
                if (said != null) {
                    delete(said);
                }
            }
        }
        return leading;
    }

    /** The routes that were asked for and are not faked. */
    TreeSet<String> notFaked() {
        TreeSet<String> routes = new TreeSet<>();
        Json.objects(controls().get("/journal", "status", "501").get("entries"))
                .forEach(entry -> routes.add(String.valueOf(entry.get("route")).replaceFirst("^/2/", "")));
        return routes;
    }

    /** Ends the server, if it was started here. It may be called again. */
    @Override
    public void close() {
        if (process != null) {
            end(process);
        }
    }

    long pid() {
        return process == null ? -1 : process.pid();
    }

    private static void end(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException error) {
            // It is gone already.
        }
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException error) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "fake-dropbox at " + url;
    }
}
