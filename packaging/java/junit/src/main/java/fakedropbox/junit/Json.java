package fakedropbox.junit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, strings, numbers, booleans and null. A library would meet the one of the tested project. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Reads a document. */
    static @Nullable Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.at < text.length()) {
            throw json.wrong();
        }
        return value;
    }

    /** A member of an object, as an object. */
    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> object(@Nullable Object value) {
        if (value instanceof Map) {
            return (Map<String, @Nullable Object>) value;
        }
        throw new IllegalArgumentException("not an object: " + write(value));
    }

    /** The objects of a list. */
    static List<Map<String, @Nullable Object>> objects(@Nullable Object value) {
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        if (value instanceof List) {
            for (Object one : (List<?>) value) {
                all.add(object(one));
            }
        }
        return all;
    }

    /** Writes a document. */
    static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        if (value instanceof Map) {
            String before = "{";
            for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
                out.append(before);
                write(String.valueOf(member.getKey()), out);
                out.append(':');
                write(member.getValue(), out);
                before = ",";
            }
            out.append(before.equals("{") ? "{}" : "}");
        } else if (value instanceof List) {
            String before = "[";
            for (Object one : (List<?>) value) {
                out.append(before);
                write(one, out);
                before = ",";
            }
            out.append(before.equals("[") ? "[]" : "]");
        } else if (value instanceof CharSequence) {
            out.append('"');
            value.toString().chars().forEach(unit -> {
                if (unit == '"' || unit == '\\') {
                    out.append('\\').append((char) unit);
                } else if (unit < ' ' || Character.isSurrogate((char) unit)) {
                    // A lone surrogate has no bytes in UTF-8; escaped, it reaches the server as it is.
                    out.append(String.format("\\u%04x", unit));
                } else {
                    out.append((char) unit);
                }
            });
            out.append('"');
        } else {
            out.append(value);
        }
    }

    private @Nullable Object value() {
        space();
        switch (peek()) {
            case '{':
                return members();
            case '[':
                return elements();
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, @Nullable Object> members() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        at++;
        for (space(); peek() != '}'; space()) {
            String name = string();
            space();
            take(':');
            all.put(name, value());
            space();
            if (peek() != '}') {
                take(',');
                space();
                if (peek() == '}') {
                    throw wrong();
                }
            }
        }
        at++;
        return all;
    }

    private List<@Nullable Object> elements() {
        List<@Nullable Object> all = new ArrayList<>();
        at++;
        for (space(); peek() != ']'; space()) {
            all.add(value());
            space();
            if (peek() != ']') {
                take(',');
                space();
                if (peek() == ']') {
                    throw wrong();
                }
            }
        }
        at++;
        return all;
    }

    private String string() {
        take('"');
        StringBuilder out = new StringBuilder();
        for (char next = peek(); next != '"'; next = peek()) {
            at++;
            if (next < ' ') {
                throw wrong();
            }
            out.append(next == '\\' ? escaped() : next);
        }
        at++;
        return out.toString();
    }

    private char escaped() {
        char kind = peek();
        at++;
        int known = "\"\\/bfnrt".indexOf(kind);
        if (known >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(known);
        }
        if (kind != 'u' || at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
            throw wrong();
        }
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }

    private Number number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(from, at);
        if (!digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            throw wrong();
        }
        return digits.matches("-?[0-9]{1,18}") ? (Number) Long.valueOf(digits) : (Number) Double.valueOf(digits);
    }

    private @Nullable Object word(String word, @Nullable Object meaning) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        return meaning;
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong();
        }
        return text.charAt(at);
    }

    private void take(char wanted) {
        if (peek() != wanted) {
            throw wrong();
        }
        at++;
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("not JSON at " + at + ": " + text.substring(0, Math.min(text.length(), 80)));
    }
}
