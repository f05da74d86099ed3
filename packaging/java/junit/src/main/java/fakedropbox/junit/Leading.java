package fakedropbox.junit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** How clients of this JVM come to the server although they name Dropbox. */
final class Leading {
    private Leading() {}

    static boolean isDropbox(@Nullable String host) {
        String name = host == null ? "" : host.toLowerCase(Locale.ROOT);
        return name.matches("(.*\\.)?(dropbox\\.com|dropboxapi\\.com|dropboxusercontent\\.com)");
    }

    static Proxy proxy(String url) {
        URI address = URI.create(url);
        String host = address.getHost().replaceAll("^\\[|\\]$", "");
        int port = address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("https") ? 443 : 80;
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(host, port));
    }

    /** Dropbox's hosts through the server; all others as this JVM does. */
    static ProxySelector selector(String url) {
        Proxy fake = proxy(url);
        ProxySelector usual = ProxySelector.getDefault();
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                if (isDropbox(uri.getHost())) {
                    return List.of(fake);
                }
                return usual == null ? List.of(Proxy.NO_PROXY) : usual.select(uri);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException error) {
                if (usual != null && !isDropbox(uri.getHost())) {
                    usual.connectFailed(uri, address, error);
                }
            }
        };
    }

    /** Trusts what this JVM trusts, and the server. */
    static X509TrustManager trust(byte[] certificate) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (X509Certificate root : manager(null).getAcceptedIssuers()) {
                store.setCertificateEntry("root-" + count++, root);
            }
            store.setCertificateEntry("fake-dropbox", CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate)));
            return manager(store);
        } catch (GeneralSecurityException | IOException error) {
            throw new FakeDropboxException("The certificate of the server cannot be used: " + error);
        }
    }

    private static X509TrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager) {
                return (X509TrustManager) manager;
            }
        }
        throw new GeneralSecurityException("this JVM has no X.509 trust manager");
    }

    static SSLContext context(X509TrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException error) {
            throw new FakeDropboxException("This JVM has no TLS: " + error);
        }
    }
}
