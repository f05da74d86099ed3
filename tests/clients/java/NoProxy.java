import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;

/** Asks for no proxy, as Dropbox's own SDK does, and prints the status; then asks a foreign host. */
public final class NoProxy {
    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0) {
            // An application may set its own factory, once; Tomcat does.
            URL.setURLStreamHandlerFactory(protocol -> null);
        }
        for (String scheme : new String[] {"https", "http"}) {
            URL url = new URL(scheme + "://api.dropboxapi.com/2/check/user");
            HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Authorization", "Bearer java");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            connection.getOutputStream().write("{\"query\":\"hello\"}".getBytes("UTF-8"));
            System.out.println(scheme + " " + connection.getResponseCode());
        }
        try (InputStream in = new URL("https://example.invalid/").openConnection(Proxy.NO_PROXY).getInputStream()) {
            System.out.println("a foreign host answered");
        } catch (IOException error) {
            System.out.println(error.getClass().getSimpleName());
        }
    }
}
