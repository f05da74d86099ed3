package fakedropbox.agent;

import java.net.URLStreamHandler;
import java.net.spi.URLStreamHandlerProvider;

/** By which Java 9 and later find the handlers. Java 8 never loads it. */
public final class Provider extends URLStreamHandlerProvider {
    /** For the JVM. */
    public Provider() {}

    @Override
    public URLStreamHandler createURLStreamHandler(String protocol) {
        switch (protocol) {
            case "https":
                return new fakedropbox.agent.https.Handler();
            case "http":
                return new fakedropbox.agent.http.Handler();
            default:
                return null;
        }
    }
}
