package fakedropbox.junit;

import com.dropbox.core.DbxRequestConfig;
import java.net.Proxy;
import java.net.ProxySelector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/**
 * An account of a test's own. What the server refuses is a {@link FakeDropboxException} with the
 * server's sentence.
 */
public final class FakeDropbox {
    private final Server server;
    private final String token;
    private final Controls controls;
    private @Nullable X509TrustManager trust;

    private FakeDropbox(Server server, String token) {
        this.server = server;
        this.token = token;
        this.controls = new Controls(server.url(), token);
    }

    static FakeDropbox create(Server server, String name, Settings settings) {
        String random = UUID.randomUUID().toString().replace("-", "");
        FakeDropbox account = new FakeDropbox(server, "test-" + random);
        Map<String, Object> declared = new HashMap<>();
        declared.put("token", account.token);
        // One name is one account, and a test may run twice.
        declared.put("account", name + " " + random.substring(0, 8));
        if (!settings.scopes.isEmpty()) {
            declared.put("scopes", settings.scopes);
        }
        if (!settings.denied.isEmpty()) {
            declared.put("denied", settings.denied);
        }
        server.controls().post("/tokens", declared);
        if (settings.quota >= 0) {
            account.quota(settings.quota);
        }
        if (!settings.assumptions.isEmpty()) {
            account.controls.post("/assumptions", settings.assumptions);
        }
        if (settings.unusedLinks) {
            account.expectLinks("unused");
        }
        return account;
    }

    /** The address of the server, such as {@code http://127.0.0.1:41234}. */
    public String url() {
        return server.url();
    }

    /** The access token of the account. */
    public String token() {
        return token;
    }

    /** What links, tokens and timestamps of the account follow. */
    public Clock clock() {
        return new Clock(controls);
    }

    // How clients come here.

    /**
     * Leads the official SDK, by plain HTTP: {@code new DbxClientV2(dropbox.requestConfig("app"),
     * dropbox.token())}.
     */
    public DbxRequestConfig requestConfig(String clientIdentifier) {
        return Sdk.config(this, clientIdentifier);
    }

    /** An address with one of Dropbox's hosts, on the server, by plain HTTP; any other stays as it is. */
    public String local(String url) {
        int path = url.indexOf('/', url.indexOf("://") + 3);
        String origin = path < 0 ? url : url.substring(0, path);
        boolean isDropbox = Leading.isDropbox(origin.replaceFirst("^[a-z]+://", "").replaceFirst(":[0-9]*$", ""));
        return isDropbox ? url() + url.substring(origin.length()) : url;
    }

    /** Leads a client of this JVM: Dropbox's hosts go through the server, all others as usual. It needs {@link #sslContext}. */
    public ProxySelector proxySelector() {
        return Leading.selector(url());
    }

    /** The server as a proxy, for {@code url.openConnection(dropbox.proxy())}. */
    public Proxy proxy() {
        return Leading.proxy(url());
    }

    /** TLS that trusts what this JVM trusts, and the server under Dropbox's names. */
    public SSLContext sslContext() {
        return Leading.context(trustManager());
    }

    /** The trust of {@link #sslContext}, which OkHttp wants beside its socket factory. */
    public synchronized X509TrustManager trustManager() {
        X509TrustManager known = trust;
        if (known == null) {
            known = Leading.trust(controls.raw("GET", "/ca.pem", null));
            trust = known;
        }
        return known;
    }

    /** This JVM's environment, with the variables that lead a forked program to the server. */
    public Map<String, String> environment() {
        Map<String, String> all = new LinkedHashMap<>(System.getenv());
        server.leading().forEach((name, value) -> {
            all.remove(name);
            if (value != null) {
                all.put(name, value);
            }
        });
        return all;
    }

    // Files.

    /** A place in the account, whether something is there or not. */
    public FakeFile file(String path) {
        return new FakeFile(controls, path);
    }

    /** Everything in the account: files and folders. */
    public List<FakeFile> files() {
        List<FakeFile> all = new ArrayList<>();
        String[] query = {"path", "", "recursive", "true"};
        while (true) {
            Map<String, @Nullable Object> page = controls.get("/files", query);
            Json.objects(page.get("entries")).forEach(entry -> all.add(file(String.valueOf(entry.get("path")))));
            if (!Boolean.TRUE.equals(page.get("more"))) {
                return all;
            }
            query = new String[] {"path", "", "recursive", "true", "after", all.get(all.size() - 1).path()};
        }
    }

    /**
     * Waits until a file is there, at most that long. The path may have * and **. A file that does not
     * come fails the test.
     */
    public FakeFile waitForFile(String path, Duration timeout) {
        try {
            Map<String, @Nullable Object> found = controls.post("/files/wait",
                    Map.of("path", path, "timeout_milliseconds", timeout.toMillis()), timeout);
            return file(String.valueOf(found.get("path")));
        } catch (FakeDropboxException error) {
            if (error.status() == 408 || error.status() == 404 || error.status() == 504) {
                throw new AssertionFailedError(error.getMessage());
            }
            throw error;
        }
    }

    /** Waits for a file for ten seconds. */
    public FakeFile waitForFile(String path) {
        return waitForFile(path, Duration.ofSeconds(10));
    }

    // What goes wrong.

    /** Makes requests of this account fail. */
    public void fail(Fault fault) {
        controls.post("/faults", fault.rule());
    }

    /** The faults that never fired, as JSON. */
    public List<String> unfiredFaults() {
        List<String> rules = new ArrayList<>();
        Json.objects(controls.get("/faults", "unfired", "true").get("faults"))
                .forEach(fault -> rules.add(Json.write(fault.get("rule"))));
        return rules;
    }

    /** Refuses every write in a folder with one of Dropbox's errors, such as {@code "no_write_permission"}. */
    public void refuseWrites(String path, String error) {
        controls.post("/refused_writes", Map.of("path", path, "error", error));
    }

    /** Takes {@link #refuseWrites} back. */
    public void allowWrites(String path) {
        controls.raw("DELETE", "/refused_writes", null, "path", path);
    }

    // Links.

    /** The upload links, the latest first, at most 10,000. */
    public List<Link> links() {
        List<Link> all = new ArrayList<>();
        Json.objects(controls.get("/links", "limit", "10000").get("links")).forEach(link -> all.add(new Link(link)));
        return all;
    }

    /** Ends the time of one link now: its address, or its name. */
    public void expire(String link) {
        controls.post("/links/expire", Map.of("link", link));
    }

    /** Says that links may end {@code "unused"}, {@code "expired"} or {@code "refused"} because the test means it. */
    public void expectLinks(String failure) {
        controls.post("/links/expect", Map.of("failure", failure));
    }

    /** Says it of the links to this path. */
    public void expectLinks(String failure, String path) {
        controls.post("/links/expect", Map.of("failure", failure, "path", path));
    }

    // What came.

    /**
     * The requests that came and meet these conditions of the journal, such as {@code "route",
     * "upload_link", "status", "410"}; the oldest first.
     */
    public List<Request> requests(String... conditions) {
        if (conditions.length % 2 != 0) {
            throw new IllegalArgumentException("requests takes names and values in turn, such as \"route\","
                    + " \"upload_link\"; there are " + conditions.length);
        }
        List<Request> all = new ArrayList<>();
        Json.objects(controls.get("/journal", conditions).get("entries")).forEach(entry -> all.add(new Request(entry)));
        return all;
    }

    /** The account's requests as text, one line for each. */
    public String journal() {
        return new String(controls.raw("GET", "/journal.txt", null), StandardCharsets.UTF_8);
    }

    String lastRequests() {
        return new String(controls.raw("GET", "/journal.txt", null, "limit", "50"), StandardCharsets.UTF_8).strip();
    }

    // State.

    /** Limits the account to so many bytes. */
    public void quota(long bytes) {
        controls.raw("PUT", "/quota", Json.write(Map.of("bytes", bytes)).getBytes(StandardCharsets.UTF_8));
    }

    /** Saves files, links, sessions and settings under a name. */
    public void save(String name) {
        controls.post("/snapshots", Map.of("name", name));
    }

    /** Puts the account back to what was saved. */
    public void restore(String name) {
        controls.post("/snapshots/restore", Map.of("name", name));
    }

    /** Empties the account. */
    public void reset() {
        controls.post("/reset", Map.of());
    }

    @Override
    public String toString() {
        return "an account of " + server;
    }
}
