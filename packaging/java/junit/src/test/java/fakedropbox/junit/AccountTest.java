package fakedropbox.junit;

import static fakedropbox.junit.Dropboxes.mint;
import static fakedropbox.junit.Dropboxes.put;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

@FakeDropboxTest
class AccountTest {
    private String tokenBefore = "";

    @BeforeEach
    void setUp(FakeDropbox dropbox) {
        tokenBefore = dropbox.token();
        assertEquals(List.of(), dropbox.files());
    }

    @Test
    void aFileThatWentThroughALinkIsThere(FakeDropbox dropbox) throws IOException {
        assertEquals(200, put(dropbox, mint(dropbox, "/in/a.txt"), "hello"));
        assertEquals("hello", dropbox.file("/in/a.txt").text());
        assertEquals("hello", dropbox.waitForFile("/in/*.txt").text());
        assertEquals(List.of("/in", "/in/a.txt"),
                dropbox.files().stream().map(FakeFile::path).collect(Collectors.toList()));
        dropbox.file("/in").delete();
        assertFalse(dropbox.file("/in/a.txt").exists());
    }

    @Test
    void aFileOfAnyBytesAndNameCanBePut(FakeDropbox dropbox) {
        byte[] bytes = {0, (byte) 0xff, 13, 10};
        FakeFile file = dropbox.file("/ä & b+c=%25/d\"e");
        file.put(bytes);
        assertArrayEquals(bytes, file.bytes());
        assertTrue(file.exists());
        file.put("");
        assertEquals("", file.text());
    }

    @Test
    void manyFilesAreListed(FakeDropbox dropbox) {
        for (int number = 0; number < 1100; number++) {
            dropbox.file("/many/" + number).put("");
        }
        assertEquals(1101, dropbox.files().stream().map(FakeFile::path).distinct().count());
    }

    @RepeatedTest(2)
    void theParametersOfATestAreOneAccountAndNewOnesEachTime(FakeDropbox dropbox, FakeDropbox again) {
        assertEquals(tokenBefore, dropbox.token());
        assertEquals(dropbox.token(), again.token());
        assertNotEquals("", dropbox.token());
        dropbox.file("/a").put("so that setUp of the next would find it");
    }

    @Test
    void aLostAnswerLeavesTheFile(FakeDropbox dropbox) {
        dropbox.fail(Fault.of("upload_link").afterCommit().reset());
        String link = mint(dropbox, "/in/a.txt");
        assertThrows(IOException.class, () -> put(dropbox, link, "hello"));
        assertEquals("hello", dropbox.file("/in/a.txt").text());
        assertTrue(dropbox.requests("route", "upload_link").get(0).faulted());
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 413, 429, 500, 502, 503})
    void anyStatusCanBeAskedFor(int status, FakeDropbox dropbox) throws IOException {
        dropbox.fail(Fault.of("upload_link").status(status));
        assertEquals(status, put(dropbox, mint(dropbox, "/a"), "x"));
        dropbox.expire(dropbox.links().get(0).name());
    }

    @Test
    void aFaultActsWhereAndAsOftenAsItSays(FakeDropbox dropbox) throws IOException {
        dropbox.fail(Fault.of("upload_link").status(503).path("/in/**").nth(2).times(2));
        assertEquals(200, put(dropbox, mint(dropbox, "/out/a"), "x"));
        assertEquals(200, put(dropbox, mint(dropbox, "/in/a"), "x"));
        String link = mint(dropbox, "/in/b");
        assertEquals(503, put(dropbox, link, "x"));
        assertEquals(503, put(dropbox, link, "x"));
        assertEquals(200, put(dropbox, link, "x"));
        dropbox.fail(Fault.ofAny().atBody(2).close());
        String broken = mint(dropbox, "/in/c");
        assertThrows(IOException.class, () -> put(dropbox, broken, "hello"));
        assertEquals(List.of(), dropbox.unfiredFaults());
        dropbox.expectLinks("unused", "/in/c");
    }

    @Test
    void aLinkExpiresByTheClockOrAlone(FakeDropbox dropbox) throws IOException {
        String first = mint(dropbox, "/a");
        String second = mint(dropbox, "/b");
        dropbox.expire(first);
        assertEquals(410, put(dropbox, first, "x"));
        dropbox.clock().advance(Duration.ofHours(4).plusMillis(1));
        assertEquals(410, put(dropbox, second, "x"));
        List<Request> refused = dropbox.requests("route", "upload_link", "status", "410");
        assertEquals(2, refused.size());
        assertEquals("/a", refused.get(0).path());
        assertEquals("expired", dropbox.links().get(0).state());
        assertEquals(Duration.ZERO, dropbox.links().get(0).remaining());
        assertTrue(dropbox.journal().lines().filter(line -> line.contains("-> 410 ")).count() == 2, dropbox.journal());
    }

    @Test
    void theClockCanBeFrozenAndSet(FakeDropbox dropbox) {
        Instant noon = Instant.parse("2030-01-01T12:00:00Z");
        dropbox.clock().freeze(noon);
        assertEquals(noon, dropbox.clock().now());
        dropbox.clock().set(noon.plusSeconds(3600));
        dropbox.clock().resume();
        assertFalse(dropbox.clock().now().isBefore(noon.plusSeconds(3600)));
        dropbox.clock().freeze();
        Instant stopped = dropbox.clock().now();
        dropbox.clock().advance(Duration.ofNanos(5_000));
        assertEquals(stopped.plusNanos(5_000), dropbox.clock().now());
    }

    @Test
    void stateCanBeSavedAndRefused(FakeDropbox dropbox) throws IOException {
        dropbox.refuseWrites("/in", "no_write_permission");
        assertEquals(409, put(dropbox, mint(dropbox, "/in/a"), "x"));
        dropbox.allowWrites("/in");
        dropbox.save("before");
        dropbox.file("/in/a").put("x");
        dropbox.restore("before");
        assertFalse(dropbox.file("/in/a").exists());
        dropbox.reset();
    }

    @Test
    void mistakesAreSentences(FakeDropbox dropbox) {
        refused("uplod_link", () -> dropbox.fail(Fault.of("uplod_link").status(503)));
        refused("There is no such link here", () -> dropbox.expire("link:99"));
        refused("/never", () -> dropbox.file("/never").bytes());
        AssertionFailedError late = assertThrows(AssertionFailedError.class,
                () -> dropbox.waitForFile("/never", Duration.ofMillis(1)));
        assertTrue(String.valueOf(late.getMessage()).contains("/never"), late.getMessage());
        assertThrows(IllegalArgumentException.class, () -> dropbox.requests("route"));
        assertThrows(IllegalArgumentException.class, () -> dropbox.clock().advance(Duration.ofSeconds(-1)));
    }

    private static void refused(String wanted, Runnable mistake) {
        FakeDropboxException said = assertThrows(FakeDropboxException.class, mistake::run);
        assertTrue(String.valueOf(said.getMessage()).contains(wanted), said.getMessage());
    }

    @Nested
    @FakeDropboxTest(quota = 2, unusedLinks = true)
    class WhatAnnotationsSay {
        @Test
        void ofAClass(FakeDropbox dropbox) throws IOException {
            assertEquals(409, put(dropbox, mint(dropbox, "/a"), "hello"));
        }

        @Test
        @FakeDropboxTest(quota = 100, assume = "link_size_limit=3")
        void ofAMethodWinsAndTheRestStays(FakeDropbox dropbox) throws IOException {
            assertEquals(200, put(dropbox, mint(dropbox, "/a"), "hel"));
            assertEquals(413, put(dropbox, mint(dropbox, "/b"), "hello"));
        }

        @Test
        @FakeDropboxTest(denied = "team_access_denied", unusedLinks = true)
        void ofARefusal(FakeDropbox dropbox) {
            AssertionError refusal = assertThrows(AssertionError.class, () -> mint(dropbox, "/a"));
            assertTrue(String.valueOf(refusal.getMessage()).startsWith("403"), refusal.getMessage());
        }

        @Test
        @FakeDropboxTest(scopes = "files.metadata.read")
        void ofScopes(FakeDropbox dropbox) {
            AssertionError refusal = assertThrows(AssertionError.class, () -> mint(dropbox, "/a"));
            assertTrue(String.valueOf(refusal.getMessage()).contains("missing_scope"), refusal.getMessage());
        }
    }
}
