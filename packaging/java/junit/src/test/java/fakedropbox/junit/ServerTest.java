package fakedropbox.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ServerTest {
    @TempDir
    Path folder = Path.of(".");

    private static void says(String wanted, Executable mistake) {
        FakeDropboxException said = assertThrows(FakeDropboxException.class, mistake);
        assertTrue(String.valueOf(said.getMessage()).contains(wanted), said.getMessage());
        assertFalse(String.valueOf(said.getMessage()).contains("\n"), said.getMessage());
    }

    private Path script(String text) throws IOException {
        Path script = folder.resolve("fake-dropbox");
        Files.writeString(script, "#!/bin/sh\n" + text + "\n");
        assertTrue(script.toFile().setExecutable(true));
        return script;
    }

    @Test
    void nobodyAtTheAddress() {
        says("it has stopped, or the address is wrong.", () -> Server.connect("http://127.0.0.1:9"));
        says("is not the address of a server", () -> Server.connect("nonsense"));
    }

    @Test
    void anotherServerOrAnotherVersion() throws IOException {
        String[] answer = {""};
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            byte[] bytes = answer[0].getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        other.start();
        try {
            String url = "http://127.0.0.1:" + other.getAddress().getPort();
            for (String version : new String[] {"0.0.9", "0.2.0", "7.0.0"}) {
                answer[0] = "{\"version\": \"" + version + "\"}";
                says("is fake-dropbox " + version + "; this package works with 0.1 up to, but not including, 0.2",
                        () -> Server.connect(url));
            }
            for (String nonsense : new String[] {"{\"version\": \"new\"}", "{}", "[]", "<html>"}) {
                answer[0] = nonsense;
                says("is not a fake-dropbox", () -> Server.connect(url));
            }
        } finally {
            other.stop(0);
        }
    }

    @Test
    void aPortThatIsTaken() {
        try (Server server = Server.start()) {
            String port = server.url().substring(server.url().lastIndexOf(':') + 1);
            says(port, () -> Server.start("--port", port));
        }
    }

    @Test
    void aServerThatDiesInTheMiddle() throws Exception {
        Server server = Server.start();
        FakeDropbox dropbox = server.account("dies");
        dropbox.file("/a").put("x");
        ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
        process.destroyForcibly();
        process.onExit().get();
        says("it has stopped, or the address is wrong.", () -> dropbox.file("/a").bytes());
        server.close();
        server.close();
    }

    @Test
    void noProgram() {
        ClassLoader nothing = new URLClassLoader(new URL[0], null);
        says("add the artifact fake-dropbox-binary-" + Program.platform() + ", or install it with `cargo install fake-dropbox`",
                () -> Program.find(null, nothing, folder.toString()));
        says("FAKE_DROPBOX_BIN names /nowhere/fake-dropbox, which is not a program.",
                () -> Program.find("/nowhere/fake-dropbox", nothing, null));
        says("which is not a program.", () -> Program.find(folder.toString(), nothing, null));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the program is a script for sh")
    void aProgramThatDoesNotStart() throws IOException {
        Path fails = script("echo 'no such library' >&2; exit 127");
        says("fake-dropbox did not start (exit code 127): no such library", () -> Server.start(fails));
        Path foreign = folder.resolve("foreign");
        Files.writeString(foreign, "#!/nowhere/interpreter\n");
        assertTrue(foreign.toFile().setExecutable(true));
        says("cannot be started", () -> Server.start(foreign));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the program is a script for sh")
    void theProgramOnTheClassPathWinsOverThePath() throws Exception {
        Path onThePath = script("exit 1");
        ClassLoader nothing = new URLClassLoader(new URL[0], null);
        assertEquals(onThePath, Program.find("", nothing, "/nowhere" + java.io.File.pathSeparator + folder));
        Path inAJar = folder.resolve("classes/fakedropbox/bin/" + Program.platform() + "/fake-dropbox");
        Files.createDirectories(inAJar.getParent());
        Files.writeString(inAJar, "#!/bin/sh\necho " + folder + "\nexit 3\n");
        try (URLClassLoader brought = new URLClassLoader(new URL[] {folder.resolve("classes").toUri().toURL()}, null)) {
            Path found = Program.find(null, brought, folder.toString());
            assertTrue(Files.isExecutable(found));
            assertEquals(Files.readString(inAJar), Files.readString(found));
            // What somebody changed in the cache is put right.
            Files.writeString(found, "changed");
            assertEquals(found, Program.find(null, brought, folder.toString()));
            assertEquals(Files.readString(inAJar), Files.readString(found));
            Files.delete(found);
            Files.delete(found.getParent());
        }
    }

    /** A test run that will be killed. */
    static final class Killed {
        public static void main(String[] arguments) throws Exception {
            System.out.println(Server.start().pid());
            Thread.sleep(TimeUnit.HOURS.toMillis(1));
        }
    }

    @Test
    void noServerOutlivesAJvmThatIsKilled() throws Exception {
        Process jvm = LeadingTest.java(Killed.class).start();
        String pid = new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8)).readLine();
        ProcessHandle server = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        assertTrue(server.isAlive());
        jvm.destroyForcibly().waitFor();
        server.onExit().get();
        assertFalse(server.isAlive());
    }
}
