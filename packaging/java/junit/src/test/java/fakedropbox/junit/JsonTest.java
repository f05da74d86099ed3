package fakedropbox.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void whatIsReadIsWritten() {
        String document = "{\"a\":[1,-2.5,true,false,null,{},[]],\"b\":{\"c\":\"\\\"\\\\\\u000aä\"}}";
        assertEquals(document, Json.write(Json.read(document)));
        assertEquals("\"\\ud83d\\ude00\"", Json.write("😀"));
        assertEquals("😀/\n", Json.read(" \"\\uD83D\\uDE00\\/\\n\" "));
        assertEquals(1e300, Json.read("1e300"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\" 1}", "{a:1}", "01", "1.", "+1", "tru", "\"\\x\"", "\"\\u12g4\"", "\"", "\"\n\"", "1 2", "<html>"})
    void whatIsNotJsonIsRefused(String document) {
        assertThrows(IllegalArgumentException.class, () -> Json.read(document));
    }
}
