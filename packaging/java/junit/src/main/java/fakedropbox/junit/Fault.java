package fakedropbox.junit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What shall go wrong, and when: {@code Fault.of("upload_link").afterCommit().reset()}. It acts once,
 * on the first request that matches, unless it says otherwise.
 */
public final class Fault {
    private final Map<String, Object> match;
    private final Object phase;
    private final Object action;
    private final Object times;

    private Fault(Map<String, Object> match, Object phase, Object action, Object times) {
        this.match = match;
        this.phase = phase;
        this.action = action;
        this.times = times;
    }

    /**
     * For requests of a route: {@code "upload_link"} is the upload through a link; others are such as
     * {@code "files/list_folder"}.
     */
    public static Moment of(String route) {
        return new Moment(Map.of("route", route), "head");
    }

    /** For requests of any route. */
    public static Moment ofAny() {
        return new Moment(Map.of(), "head");
    }

    /** Only requests for this path, which may have * and **. */
    public Fault path(String path) {
        return new Fault(with("path", path), phase, action, times);
    }

    /** From the nth matching request on, counted from 1. */
    public Fault nth(int nth) {
        return new Fault(with("nth", nth), phase, action, times);
    }

    /** Acts so often. */
    public Fault times(int times) {
        return new Fault(match, phase, action, times);
    }

    /** Acts every time. */
    public Fault always() {
        return new Fault(match, phase, action, "unlimited");
    }

    private Map<String, Object> with(String name, Object value) {
        Map<String, Object> all = new LinkedHashMap<>(match);
        all.put(name, value);
        return all;
    }

    Map<String, Object> rule() {
        return Map.of("match", match, "phase", phase, "action", action, "times", times);
    }

    @Override
    public String toString() {
        return Json.write(rule());
    }

    /** When it goes wrong: as the head of the request arrives, unless it says otherwise. */
    public static final class Moment {
        private static final Map<Integer, String> ANSWERS =
                Map.of(413, "payload_too_large", 500, "internal_error", 502, "bad_gateway", 503, "unavailable");

        private final Map<String, Object> match;
        private final Object phase;

        private Moment(Map<String, Object> match, Object phase) {
            this.match = match;
            this.phase = phase;
        }

        /** Once so many bytes of the body arrived. */
        public Moment atBody(long afterBytes) {
            return new Moment(match, Map.of("body", Map.of("after_bytes", afterBytes)));
        }

        /** When everything arrived and nothing is stored yet. */
        public Moment beforeCommit() {
            return new Moment(match, "before_commit");
        }

        /** When the file is stored; the answer is lost. */
        public Moment afterCommit() {
            return new Moment(match, "after_commit");
        }

        /** While the answer goes out. */
        public Moment atAnswer() {
            return new Moment(match, "answer");
        }

        /** The connection breaks. */
        public Fault reset() {
            return action("reset");
        }

        /** The connection closes in order. */
        public Fault close() {
            return action("close");
        }

        /** Nothing comes any more, and the connection stays open. */
        public Fault stall() {
            return action("stall");
        }

        /** It takes so much longer. */
        public Fault delay(Duration by) {
            return action(Map.of("delay", Map.of("milliseconds", by.toMillis())));
        }

        /** An answer with this status. */
        public Fault status(int status) {
            if (status == 429) {
                return action(Map.of("answer", Map.of("too_many_requests", Map.of())));
            }
            String name = ANSWERS.get(status);
            return name != null ? answer(name)
                    : action(Map.of("answer", Map.of("custom", Map.of("status", status))));
        }

        /** A 429 that asks to wait. */
        public Fault tooManyRequests(Duration retryAfter) {
            return action(Map.of("answer", Map.of("too_many_requests", Map.of("retry_after", retryAfter.toSeconds()))));
        }

        /** One of the answers that the controls know by name, such as {@code "unavailable"}. */
        public Fault answer(String name) {
            return action(Map.of("answer", name));
        }

        private Fault action(Object action) {
            return new Fault(match, phase, action, 1);
        }
    }
}
