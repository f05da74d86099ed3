package fakedropbox.junit;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /_fake/v1}, for one account (with its token) or for all. */
final class Controls {
    // Straight to the server: the properties of a JVM may lead through it as a proxy.
    private static final HttpClient DIRECT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(Duration.ofSeconds(10)).build();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String url;
    private final @Nullable String token;

    Controls(String url, @Nullable String token) {
        this.url = url;
        this.token = token;
    }

    Map<String, @Nullable Object> get(String path, String... query) {
        return object(send("GET", path, null, PATIENCE, query));
    }

    Map<String, @Nullable Object> post(String path, Map<String, ?> argument) {
        return post(path, argument, Duration.ZERO);
    }

    /** A call that the server may hold back for so long. */
    Map<String, @Nullable Object> post(String path, Map<String, ?> argument, Duration held) {
        return object(send("POST", path, Json.write(argument).getBytes(StandardCharsets.UTF_8), PATIENCE.plus(held)));
    }

    byte[] raw(String method, String path, byte @Nullable [] body, String... query) {
        return send(method, path, body, PATIENCE, query);
    }

    private Map<String, @Nullable Object> object(byte[] answer) {
        try {
            return Json.object(Json.read(new String(answer, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException error) {
            throw new FakeDropboxException("What answers at " + url + " is not a fake-dropbox.");
        }
    }

    private byte[] send(String method, String path, byte @Nullable [] body, Duration patience, String... query) {
        StringBuilder address = new StringBuilder(url).append("/_fake/v1").append(path);
        for (int at = 0; at < query.length; at += 2) {
            address.append(at == 0 ? '?' : '&').append(query[at]).append('=')
                    .append(URLEncoder.encode(query[at + 1], StandardCharsets.UTF_8));
        }
        HttpResponse<byte[]> answer;
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address.toString())).timeout(patience)
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            String control = System.getenv("FAKE_DROPBOX_CONTROL_TOKEN");
            if (control != null && !control.isEmpty()) {
                request.header("X-Fake-Dropbox-Control-Token", control);
            }
            answer = DIRECT.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IllegalArgumentException error) {
            throw new FakeDropboxException(url + " is not the address of a server, such as http://127.0.0.1:8080.");
        } catch (IOException error) {
            String reason = error instanceof ConnectException ? "no connection" : String.valueOf(error.getMessage());
            throw new FakeDropboxException("fake-dropbox at " + url + " does not answer (" + reason
                    + "); it has stopped, or the address is wrong.");
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new FakeDropboxException("The wait for fake-dropbox at " + url + " was interrupted.");
        }
        if (answer.statusCode() < 300) {
            return answer.body();
        }
        throw new FakeDropboxException(answer.statusCode(), detail(method, path, answer));
    }

    private static String detail(String method, String path, HttpResponse<byte[]> answer) {
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        try {
            Object detail = Json.object(Json.read(said)).get("detail");
            if (detail instanceof String) {
                return (String) detail;
            }
        } catch (IllegalArgumentException error) {
            // Then what it said is all that is known.
        }
        return method + " " + path + ": " + answer.statusCode() + " " + said.strip();
    }
}
