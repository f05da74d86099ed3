package fakedropbox.agent;

import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;

/** The JVM's own handler of a protocol, but for Dropbox's hosts, which go through the fake. */
public abstract class Leading extends URLStreamHandler {
    static final String BUILT_IN = "sun.net.www.protocol.";

    private final URLStreamHandler builtIn;
    private final int port;

    /** For a protocol and its port. */
    protected Leading(String protocol, int port) {
        this.port = port;
        try {
            builtIn = (URLStreamHandler) Class.forName(BUILT_IN + protocol + ".Handler")
                    .getConstructor().newInstance();
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException("fake-dropbox: the JVM's own handler cannot be used", error);
        }
    }

    @Override
    protected int getDefaultPort() {
        return port;
    }

    @Override
    protected URLConnection openConnection(URL url) throws IOException {
        Proxy fake = Agent.proxyFor(url.getHost());
        return fake == null ? own(url).openConnection() : own(url).openConnection(fake);
    }

    @Override
    protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
        Proxy fake = Agent.proxyFor(url.getHost());
        // A proxy that a client names itself may be there for a purpose; no proxy is what has to be mended.
        boolean isMeant = fake == null || proxy.type() != Proxy.Type.DIRECT;
        return own(url).openConnection(isMeant ? proxy : fake);
    }

    /** The same address, served by the JVM's own handler. */
    private URL own(URL url) throws IOException {
        return new URL(null, url.toExternalForm(), builtIn);
    }
}
