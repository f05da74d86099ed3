package fakedropbox.junit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as the journal has it. */
public final class Request {
    private final Map<String, @Nullable Object> entry;

    Request(Map<String, @Nullable Object> entry) {
        this.entry = entry;
    }

    /** GET, POST and so on. */
    public String method() {
        return String.valueOf(entry.get("method"));
    }

    /** {@code "upload_link"}, or a route such as {@code "files/list_folder"}. */
    public String route() {
        return String.valueOf(entry.get("route")).replaceFirst("^/2/", "");
    }

    /** The path in the account that it was for, if it names one. */
    public @Nullable String path() {
        return (String) entry.get("path");
    }

    /** The HTTP status of its answer; 0 if none was sent. */
    public int status() {
        Object status = entry.get("status");
        return status instanceof Number ? ((Number) status).intValue() : 0;
    }

    /** The rules that decided the answer. */
    public List<String> rules() {
        List<String> rules = new ArrayList<>();
        if (entry.get("rules") instanceof List) {
            ((List<?>) entry.get("rules")).forEach(rule -> rules.add(String.valueOf(rule)));
        }
        return rules;
    }

    /** What the server says of it, if anything. */
    public @Nullable String note() {
        return (String) entry.get("note");
    }

    /** Whether a fault was injected. */
    public boolean faulted() {
        return entry.get("fault") != null;
    }

    /** Everything that the journal has of it, as JSON. */
    public String json() {
        return Json.write(entry);
    }

    @Override
    public String toString() {
        return status() + " " + method() + " " + route() + (path() == null ? "" : " " + path())
                + (faulted() ? " [a fault was injected]" : "");
    }
}
