package fakedropbox.junit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** What an application does: it asks for a link, and uploads through it. It knows Dropbox's names only. */
final class Dropboxes {
    private Dropboxes() {}

    static HttpClient client(FakeDropbox dropbox) {
        return HttpClient.newBuilder().proxy(dropbox.proxySelector()).sslContext(dropbox.sslContext()).build();
    }

    static String mint(FakeDropbox dropbox, String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://api.dropboxapi.com/2/files/get_temporary_upload_link"))
                .header("Authorization", "Bearer " + dropbox.token()).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"commit_info\": {\"path\": \"" + path + "\"}}")).build();
        try {
            HttpResponse<String> answer = client(dropbox).send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError(answer.statusCode() + " " + answer.body());
            }
            return answer.body().split("\"")[3];
        } catch (IOException | InterruptedException error) {
            throw new AssertionError(error);
        }
    }

    static int put(FakeDropbox dropbox, String link, String content) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(link))
                .header("Content-Type", "application/octet-stream").POST(BodyPublishers.ofString(content)).build();
        try {
            return client(dropbox).send(request, BodyHandlers.ofString()).statusCode();
        } catch (InterruptedException error) {
            throw new AssertionError(error);
        }
    }
}
