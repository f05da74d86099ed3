package fakedropbox.agent;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.Collections;

/**
 * Sends what a JVM asks of Dropbox's hosts through a fake-dropbox, also where a client asks for no
 * proxy, as Dropbox's own SDK does. {@code -javaagent:fake-dropbox-agent.jar=127.0.0.1:8080}.
 *
 * <p>It takes nothing that an application may want to set: on Java 9 and later a provider of stream
 * handlers, which stands beside an application's own factory; on Java 8 a property that it adds to.
 */
public final class Agent {
    private static final String PACKAGES = "java.protocol.handler.pkgs";
    private static final String[] DOMAINS = {"dropboxapi.com", "dropbox.com", "dropboxusercontent.com"};

    private static volatile Proxy fake;

    private Agent() {}

    /** The JVM calls this before the program. */
    public static void premain(String address, Instrumentation instrumentation) {
        try {
            int colon = address.lastIndexOf(':');
            String host = address.substring(0, colon).replaceAll("^\\[|\\]$", "");
            int port = Integer.parseInt(address.substring(colon + 1));
            fake = new Proxy(Proxy.Type.HTTP, new InetSocketAddress(host, port));
        } catch (RuntimeException error) {
            System.err.println("fake-dropbox: the agent needs the address of a server, such as 127.0.0.1:8080,"
                    + " and got '" + address + "'; Java is not led to the fake");
            return;
        }
        try {
            exportBuiltInHandlers(instrumentation);
        } catch (ClassNotFoundException error) {
            // Java 8 knows no modules: nothing is closed, and there are no providers.
            String before = System.getProperty(PACKAGES);
            String ours = Agent.class.getPackage().getName();
            System.setProperty(PACKAGES, before == null ? ours : before + "|" + ours);
        } catch (ReflectiveOperationException error) {
            System.err.println("fake-dropbox: this Java cannot be led to the fake: " + error);
        }
    }

    /** The proxy for a host, or null for one that is none of Dropbox's. */
    static Proxy proxyFor(String host) {
        String name = host == null ? "" : host.toLowerCase(java.util.Locale.ROOT);
        for (String domain : DOMAINS) {
            if (name.equals(domain) || name.endsWith("." + domain)) {
                return fake;
            }
        }
        return null;
    }

    /**
     * Opens the packages of the JVM's own handlers to this class, which hands every request on to
     * them. By reflection, because Java 8 has no modules.
     */
    private static void exportBuiltInHandlers(Instrumentation instrumentation) throws ReflectiveOperationException {
        Class<?> module = Class.forName("java.lang.Module");
        Method moduleOf = Class.class.getMethod("getModule");
        Object base = moduleOf.invoke(Object.class);
        Object ours = moduleOf.invoke(Agent.class);
        java.util.Map<String, java.util.Set<Object>> exports = new java.util.HashMap<>();
        for (String protocol : new String[] {"http", "https"}) {
            exports.put(Leading.BUILT_IN + protocol, Collections.singleton(ours));
        }
        Method redefine = Instrumentation.class.getMethod("redefineModule", module, java.util.Set.class,
                java.util.Map.class, java.util.Map.class, java.util.Set.class, java.util.Map.class);
        redefine.invoke(instrumentation, base, Collections.emptySet(), exports, Collections.emptyMap(),
                Collections.emptySet(), Collections.emptyMap());
    }
}
