package io.culvert;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.net.InetAddress;
import java.util.Arrays;

/** Which package may know which: the arrows that keep core in one piece that can be embedded. */
@AnalyzeClasses(packages = "io.culvert", importOptions = ArchitectureTest.WithoutTests.class)
class ArchitectureTest {
    private static final String JAVA = "java..";
    private static final String NETTY = "io.netty..";
    private static final String WIRE = "io.culvert.wire..";
    private static final String PACKET = "io.culvert.packet..";
    private static final String SPEC = "io.culvert.spec..";
    private static final String TUNNEL = "io.culvert.tunnel..";
    private static final String OFFLOAD = "io.culvert.offload..";
    private static final String OBSERVE = "io.culvert.observe..";
    private static final String SURVEY = "io.culvert.survey..";
    private static final String PIPELINE = "io.culvert.pipeline..";
    private static final String DISSECT = "io.culvert.dissect..";
    private static final String VERDICT = "io.culvert.verdict..";

    @ArchTest static final ArchRule wireKnowsOnlyJava = only(WIRE, JAVA);

    @ArchTest static final ArchRule packetKnowsWire = only(PACKET, JAVA, WIRE);

    @ArchTest static final ArchRule specKnowsWire = only(SPEC, JAVA, WIRE);

    @ArchTest
    static final ArchRule tunnelKnowsSpecPacketAndWire = only(TUNNEL, JAVA, WIRE, PACKET, SPEC);

    @ArchTest
    static final ArchRule noPacketAsksForTheKindOfItsTunnel =
            noClasses()
                    .that()
                    .resideInAnyPackage(PACKET, TUNNEL, OFFLOAD, OBSERVE, PIPELINE, VERDICT)
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("io.culvert.spec.TunnelMode")
                    .because("the choices of a tunnel answer, and a new kind is a new choice");

    @ArchTest static final ArchRule offloadKnowsPacketAndWire = only(OFFLOAD, JAVA, WIRE, PACKET);

    @ArchTest static final ArchRule observeKnowsPacketAndWire = only(OBSERVE, JAVA, WIRE, PACKET);

    @ArchTest static final ArchRule dissectKnowsOnlyWire = only(DISSECT, JAVA, WIRE);

    @ArchTest static final ArchRule surveyKnowsDissect = only(SURVEY, JAVA, WIRE, DISSECT);

    @ArchTest
    static final ArchRule verdictsAreOfDissectedPacketsAndOfTunnels =
            only(VERDICT, JAVA, WIRE, PACKET, SPEC, TUNNEL, DISSECT);

    @ArchTest
    static final ArchRule pipelineKnowsEveryIdeaButNoHeader =
            only(PIPELINE, JAVA, NETTY, PACKET, SPEC, TUNNEL, OFFLOAD, OBSERVE);

    @ArchTest
    static final ArchRule onlyPipelineKnowsNetty =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(PIPELINE)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(NETTY)
                    .because("tunnels must be usable and testable without an event loop");

    @ArchTest
    static final ArchRule coreOpensNeitherSocketsNorFiles =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .haveNameMatching(
                            "java\\.(net\\..*Socket"
                                    + "|nio\\.channels\\.(File|Datagram|.*Socket)Channel"
                                    + "|nio\\.file\\..*|io\\.(File.*|RandomAccessFile))")
                    .because("descriptors belong to tun-bridge");

    @ArchTest
    static final ArchRule coreNeverAsksForAHostName =
            noClasses()
                    .should()
                    .callMethod(InetAddress.class, "getByName", String.class)
                    .orShould()
                    .callMethod(InetAddress.class, "getAllByName", String.class)
                    .because("a name server may be on the far side of the tunnel");

    @ArchTest
    static final ArchRule noTwoPackagesKnowEachOther =
            slices().matching("io.culvert.(*)..").should().beFreeOfCycles();

    /** ArchUnit's own option knows only target/test-classes, not a build's under another name. */
    static final class WithoutTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    /** A package that is not there yet breaks no rule. */
    private static ArchRule only(String who, String... knows) {
        String[] allowed = Arrays.copyOf(knows, knows.length + 1);
        allowed[knows.length] = who;
        return classes()
                .that()
                .resideInAPackage(who)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .allowEmptyShould(true);
    }
}
