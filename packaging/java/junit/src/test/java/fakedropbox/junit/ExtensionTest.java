package fakedropbox.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs tests that fail, and reads their reports. Surefire leaves nested classes of that kind alone. */
class ExtensionTest {
    @FakeDropboxTest
    static final class Observed {
        @Test
        void leavesALink(FakeDropbox dropbox) {
            Dropboxes.mint(dropbox, "/never");
        }

        @Test
        void leavesAFault(FakeDropbox dropbox) {
            dropbox.fail(Fault.of("upload_link").status(503));
        }

        @Test
        @FakeDropboxTest(unusedLinks = true, unfiredFaults = true)
        void meansIt(FakeDropbox dropbox) {
            Dropboxes.mint(dropbox, "/never");
            dropbox.fail(Fault.of("upload_link").status(503));
        }

        @Test
        void saysSoInTheTest(FakeDropbox dropbox) {
            Dropboxes.mint(dropbox, "/never");
            dropbox.expectLinks("unused", "/never");
        }

        @Test
        void failsByItself(FakeDropbox dropbox) {
            Dropboxes.mint(dropbox, "/asked");
            fail("by itself");
        }

        @Test
        void isAborted(FakeDropbox dropbox) {
            Dropboxes.mint(dropbox, "/asked");
            Assumptions.abort("not here");
        }

        @Test
        void needsNone() {}

        @Test
        @FakeDropboxTest(assume = "failed_commit")
        void isSaidWrong(FakeDropbox dropbox) {}

        @Test
        @FakeDropboxTest(assume = "faild_commit=frees")
        void isRefused(FakeDropbox dropbox) {}
    }

    @FakeDropboxTest
    static final class ForAClass {
        @BeforeAll
        static void before(FakeDropbox dropbox) {}

        @Test
        void test() {}
    }

    @FakeDropboxTest
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static final class Deserted {
        @Test
        void first(FakeDropbox dropbox) {
            ProcessHandle server = ProcessHandle.of(Server.shared().pid()).orElseThrow();
            server.destroyForcibly();
            server.onExit().join();
        }

        @Test
        void second(FakeDropbox dropbox) {}
    }

    /** A JVM of its own, since its server dies. */
    static final class Desertion {
        public static void main(String[] arguments) {
            EngineExecutionResults results = run(Deserted.class);
            System.out.println(report(results, "first") + report(results, "second"));
        }
    }

    @Test
    void aServerThatDiesInTheMiddleOfARunIsASentenceInEachTest() throws Exception {
        ProcessBuilder forked = LeadingTest.java(Desertion.class);
        // The other tests' server is not to die.
        forked.environment().remove("FAKE_DROPBOX_URL");
        Process jvm = forked.start();
        String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, jvm.waitFor(), said);
        List<String> failed = said.lines().filter(line -> line.contains("does not answer")).collect(Collectors.toList());
        assertTrue(failed.get(0).contains("Whether every link and fault was used cannot be told: fake-dropbox at http://"), said);
        assertTrue(failed.get(failed.size() - 1).startsWith(
                "org.junit.jupiter.api.extension.ParameterResolutionException: fake-dropbox at http://"), said);
        assertTrue(said.contains("it has stopped, or the address is wrong."), said);
    }

    private static EngineExecutionResults run(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute();
    }

    private static String report(EngineExecutionResults results, String test) {
        List<Event> finished = results.allEvents().finished()
                .filter(event -> event.getTestDescriptor().getUniqueId().toString().contains(test)).collect(Collectors.toList());
        assertEquals(1, finished.size(), test);
        TestExecutionResult result = finished.get(0).getRequiredPayload(TestExecutionResult.class);
        StringWriter report = new StringWriter();
        report.write(result.getStatus() + "\n");
        result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(new PrintWriter(report, true)));
        return report.toString();
    }

    private static void says(EngineExecutionResults results, String test, String... wanted) {
        String report = report(results, test);
        for (String part : wanted) {
            assertTrue(report.contains(part), part + " is not in " + report);
        }
    }

    @Test
    void whatATestLeftOverFailsItAndEachFailureShowsTheRequests() {
        EngineExecutionResults results = run(Observed.class);
        says(results, "leavesALink", "FAILED", "A link was requested and never used: /never", "unusedLinks = true",
                "The last requests of this test's account:\n", "get_temporary_upload_link");
        says(results, "leavesAFault", "FAILED", "A fault never fired: {", "unavailable", "none came");
        says(results, "meansIt", "SUCCESSFUL");
        says(results, "saysSoInTheTest", "SUCCESSFUL");
        says(results, "failsByItself", "FAILED", "by itself", "The last requests", "/asked");
        says(results, "isAborted", "ABORTED");
        says(results, "needsNone", "SUCCESSFUL");
        says(results, "isSaidWrong", "FAILED", "has no value; write it as in");
        says(results, "isRefused", "FAILED", "faild_commit");
        assertEquals(3, results.testEvents().reportingEntryPublished().count());
    }

    @Test
    void anAccountOfAClassIsRefusedWithASentence() {
        says(run(ForAClass.class), "ForAClass", "FAILED", "A FakeDropbox is the account of one test");
    }
}
