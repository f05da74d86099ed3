package fakedropbox.junit;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A temporary upload link. */
public final class Link {
    private final Map<String, @Nullable Object> known;

    Link(Map<String, @Nullable Object> known) {
        this.known = known;
    }

    /** What stands for it in the journal. */
    public String name() {
        return String.valueOf(known.get("link"));
    }

    /** Where an upload through it goes. */
    public String path() {
        return String.valueOf(known.get("path"));
    }

    /** fresh, in_flight, locked, consumed or expired. */
    public String state() {
        return String.valueOf(known.get("state"));
    }

    /** How long it is good for. */
    public Duration remaining() {
        Object seconds = known.get("remaining_seconds");
        return Duration.ofMillis(seconds instanceof Number ? (long) (((Number) seconds).doubleValue() * 1000) : 0);
    }

    /** How it ended without a file: unused, expired or refused; null if it did not. */
    public @Nullable String failure() {
        return (String) known.get("failure");
    }

    /** Whether {@link FakeDropbox#expectLinks} announced this end. */
    public boolean expected() {
        return Boolean.TRUE.equals(known.get("expected"));
    }

    @Override
    public String toString() {
        return name() + " to " + path() + " (" + state() + ")";
    }
}
