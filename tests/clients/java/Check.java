import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.HttpsURLConnection;

/**
 * What the Java SDK is made of: HttpsURLConnection, a trust store, and hosts that it can be told.
 * The SDK takes a port only after an IPv6 address, so the first argument is such as [::1]:8443.
 */
public final class Check {
    private final String authority;
    private final String token;

    private Check(String authority, String token) {
        this.authority = authority;
        this.token = token;
    }

    private record Answer(int status, byte[] body, String contentType, String retryAfter) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private static void ok(String row) {
        System.out.println("ok " + row);
    }

    private static void check(boolean holds, Object what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static Answer send(HttpURLConnection connection, byte[] body) throws IOException {
        connection.setConnectTimeout(20_000);
        connection.setReadTimeout(20_000);
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (var out = connection.getOutputStream()) {
            out.write(body);
        }
        int status = connection.getResponseCode();
        try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            byte[] answer = in == null ? new byte[0] : in.readAllBytes();
            String type = connection.getContentType();
            return new Answer(status, answer, type, connection.getHeaderField("Retry-After"));
        }
    }

    private HttpsURLConnection connect(String path) throws Exception {
        // As the SDK does it: the authority is handed over as a host.
        URL url = new URI("https", authority, path, null).toURL();
        return (HttpsURLConnection) url.openConnection();
    }

    private Answer rpc(String token, String route, String argument) throws Exception {
        HttpsURLConnection connection = connect("/2/" + route);
        connection.setRequestProperty("Authorization", "Bearer " + token);
        connection.setRequestProperty("Content-Type", "application/json; charset=utf-8");
        return send(connection, argument.getBytes(StandardCharsets.UTF_8));
    }

    private Answer consume(String link, byte[] data) throws Exception {
        var connection = (HttpsURLConnection) URI.create(link).toURL().openConnection();
        connection.setRequestProperty("Content-Type", "application/octet-stream");
        return send(connection, data);
    }

    private String mint(String argument) throws Exception {
        Answer minted = rpc(token, "files/get_temporary_upload_link", argument);
        check(minted.status == 200, minted.text());
        check(minted.contentType.equals("application/json"), minted.contentType);
        String text = minted.text();
        int start = text.indexOf("https://");
        String link = text.substring(start, text.indexOf('"', start));
        check(link.startsWith("https://" + authority + "/apitul/1/"), link);
        return link;
    }

    private void run() throws Exception {
        String every =
            """
            {"commit_info":{"path":"/in/report.bin","mode":"overwrite","autorename":true,
            "client_modified":"2015-05-12T15:50:38Z","mute":true,"property_groups":[{"template_id":
            "ptid:1a5n2i6d3OYEAAAAAAAAAYa","fields":[{"name":"Security Policy","value":"Confidential"}]}],
            "strict_conflict":true},"duration":3600.0}""";
        String link = mint(every);
        ok("mint_with_every_field");

        byte[] data = new byte[3 << 20];
        new Random(1).nextBytes(data);
        Answer used = consume(link, data);
        check(used.status == 200, used.text());
        ok("consume");

        HttpsURLConnection download = connect("/2/files/download");
        download.setRequestProperty("Authorization", "Bearer " + token);
        download.setRequestProperty("Dropbox-API-Arg", "{\"path\":\"/in/report.bin\"}");
        download.setRequestProperty("Content-Type", "");
        Answer file = send(download, new byte[0]);
        check(file.status == 200 && Arrays.equals(file.body, data), file.status);
        String result = download.getHeaderField("Dropbox-API-Result");
        check(result.contains("2015-05-12T15:50:38Z"), result);
        String hash = used.text().split("\"")[3];
        check(result.contains(hash), result + " has no " + hash);
        ok("read_back");

        check(consume(link, data).status == 410, "a used link");
        ok("used_link");
        Answer expired = rpc("expired-token", "check/user", "{}");
        check(expired.status == 401 && expired.contentType.equals("application/json"), expired.text());
        ok("expired_token");
        Answer missing = rpc(token, "files/get_metadata", "{\"path\":\"/nothing\"}");
        check(missing.status == 409 && missing.text().contains("path/not_found/"), missing.text());
        ok("api_error");
        // The Java SDK reads the header as a whole number, and fails without it.
        Answer limited = rpc("limited-token", "check/user", "{}");
        check(limited.status == 429 && Integer.parseInt(limited.retryAfter) == 1, limited);
        ok("rate_limit");
        check(rpc("broken-token", "check/user", "{}").status == 500, "a broken server");
        ok("server_error");
    }

    public static void main(String[] arguments) throws Exception {
        new Check(arguments[0], arguments[1]).run();
    }
}
