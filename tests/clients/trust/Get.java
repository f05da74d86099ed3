// Fetches each address and prints its status. The trust store is named by properties.
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;

public class Get {
    public static void main(String[] addresses) throws Exception {
        for (String address : addresses) {
            HttpURLConnection connection = (HttpURLConnection) new URL(address).openConnection(Proxy.NO_PROXY);
            System.out.println(connection.getResponseCode());
        }
    }
}
