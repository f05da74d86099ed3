package fakedropbox.junit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the annotations say of a test's account. */
final class Settings {
    static final Settings NONE = new Settings();

    long quota = -1;
    List<String> scopes = List.of();
    String denied = "";
    final Map<String, Object> assumptions = new LinkedHashMap<>();
    boolean unusedLinks;
    boolean unfiredFaults;

    /** Adds what an annotation says; a later one is nearer to the test, and wins. */
    void add(FakeDropboxTest said) {
        quota = said.quota() >= 0 ? said.quota() : quota;
        scopes = said.scopes().length > 0 ? List.of(said.scopes()) : scopes;
        denied = said.denied().isEmpty() ? denied : said.denied();
        for (String assumption : said.assume()) {
            int equals = assumption.indexOf('=');
            if (equals < 1) {
                throw new FakeDropboxException("@FakeDropboxTest(assume = \"" + assumption
                        + "\") has no value; write it as in \"failed_commit=frees\".");
            }
            assumptions.put(assumption.substring(0, equals), value(assumption.substring(equals + 1)));
        }
        if (!said.dialect().isEmpty()) {
            assumptions.put("dialect", said.dialect());
        }
        unusedLinks |= said.unusedLinks();
        unfiredFaults |= said.unfiredFaults();
    }

    private static Object value(String text) {
        return text.matches("true|false") ? Boolean.valueOf(text)
                : text.matches("-?[0-9]{1,18}") ? Long.valueOf(text) : text;
    }
}
