package fakedropbox.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.HttpsURLConnection;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request.Builder;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

@FakeDropboxTest
class LeadingTest {
    private static final String LIST = "https://api.dropboxapi.com/2/files/list_folder";
    private static final String ROOT = "{\"path\": \"\"}";

    @Test
    void okHttpIsLed(FakeDropbox dropbox) throws IOException {
        dropbox.file("/a.txt").put("hello");
        OkHttpClient client = new OkHttpClient.Builder().proxySelector(dropbox.proxySelector())
                .sslSocketFactory(dropbox.sslContext().getSocketFactory(), dropbox.trustManager()).build();
        okhttp3.Request request = new Builder().url(LIST).header("Authorization", "Bearer " + dropbox.token())
                .post(RequestBody.create(ROOT, MediaType.get("application/json"))).build();
        try (Response answer = client.newCall(request).execute()) {
            assertTrue(assertNotNullBody(answer).contains("a.txt"));
        }
        client.connectionPool().evictAll();
        client.dispatcher().executorService().shutdown();
    }

    private static String assertNotNullBody(Response answer) throws IOException {
        assertNotNull(answer.body());
        return answer.body().string();
    }

    @Test
    void httpsUrlConnectionIsLed(FakeDropbox dropbox) throws IOException {
        dropbox.file("/a.txt").put("hello");
        HttpsURLConnection connection = (HttpsURLConnection) new URL(LIST).openConnection(dropbox.proxy());
        connection.setSSLSocketFactory(dropbox.sslContext().getSocketFactory());
        assertTrue(listed(connection, dropbox.token()).contains("a.txt"));
    }

    static String listed(HttpsURLConnection connection, String token) throws IOException {
        connection.setDoOutput(true);
        connection.setRequestProperty("Authorization", "Bearer " + token);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.getOutputStream().write(ROOT.getBytes(StandardCharsets.UTF_8));
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A program that knows of no fake. */
    static final class Forked {
        public static void main(String[] arguments) throws IOException {
            System.out.println(listed((HttpsURLConnection) new URL(LIST).openConnection(Proxy.NO_PROXY), arguments[0]));
        }
    }

    @Test
    void aForkedProgramIsLedByTheEnvironment(FakeDropbox dropbox) throws Exception {
        dropbox.file("/a.txt").put("hello");
        ProcessBuilder forked = java(Forked.class, dropbox.token());
        forked.environment().clear();
        forked.environment().putAll(dropbox.environment());
        Process process = forked.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("a.txt"), said);
    }

    static ProcessBuilder java(Class<?> program, String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator),
                program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    @Test
    void otherHostsAreLeftAlone(FakeDropbox dropbox) {
        for (String dropboxes : List.of("https://www.dropbox.com/", "https://CONTENT.dropboxapi.com/x", "https://dl.dropboxusercontent.com/")) {
            assertEquals(List.of(dropbox.proxy()), dropbox.proxySelector().select(URI.create(dropboxes)), dropboxes);
        }
        for (String other : List.of("https://notdropbox.com/", "https://dropbox.com.example.org/", "http://127.0.0.1:1/")) {
            assertEquals(List.of(Proxy.NO_PROXY), dropbox.proxySelector().select(URI.create(other)), other);
            assertEquals(other, dropbox.local(other));
        }
        assertEquals(dropbox.url() + "/2/x?a=https://api.dropboxapi.com/", dropbox.local("https://api.dropboxapi.com/2/x?a=https://api.dropboxapi.com/"));
    }

    @Test
    void trustIsForTheFakeAndWhatWasTrusted(FakeDropbox dropbox) {
        int usual = dropbox.trustManager().getAcceptedIssuers().length;
        assertTrue(usual > 1, "roots: " + usual);
        // Without it, the fake under Dropbox's name is a stranger.
        assertThrows(IOException.class,
                () -> listed((HttpsURLConnection) new URL(LIST).openConnection(dropbox.proxy()), dropbox.token()));
    }
}
