package io.culvert;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the packages of the Linux side. */
@AnalyzeClasses(packages = "io.culvert", importOptions = ImportOption.DoNotIncludeTests.class)
final class BridgeArchitectureTest {
    private static final String LINUX = "io.culvert.linux..";
    private static final String NETLINK = "io.culvert.netlink..";
    private static final String DEVICE = "io.culvert.device..";
    private static final String CHANNEL = "io.culvert.channel..";
    private static final String CONTROL = "io.culvert.control..";
    private static final String WIRE = "io.culvert.wire..";
    private static final String PACKET = "io.culvert.packet..";
    private static final String SPEC = "io.culvert.spec..";
    private static final String TUNNEL = "io.culvert.tunnel..";
    private static final String PIPELINE = "io.culvert.pipeline..";
    private static final String REHEARSAL = "io.culvert.rehearsal..";
    private static final String LOOP = "io.culvert.loop..";
    private static final String ATTACH = "io.culvert.attach..";
    private static final String JSON = "io.culvert.json..";
    private static final String OBSERVE = "io.culvert.observe..";
    private static final String TRACE = "io.culvert.trace..";
    private static final String DISSECT = "io.culvert.dissect..";
    private static final String CONVERT = "io.culvert.convert..";
    private static final String SURVEY = "io.culvert.survey..";
    private static final String CAPTURE = "io.culvert.capture..";
    private static final String DOCTOR = "io.culvert.doctor..";

    @ArchTest static final ArchRule linuxKnowsNothingOfPackets = onlyUses(LINUX);

    @ArchTest static final ArchRule netlinkIsLinuxAndAddresses = onlyUses(NETLINK, LINUX, WIRE);

    @ArchTest
    static final ArchRule devicesMovePackets = onlyUses(DEVICE, LINUX, PACKET, WIRE, SPEC, TUNNEL);

    @ArchTest
    static final ArchRule channelsPutDevicesIntoPipelines =
            onlyUses(CHANNEL, DEVICE, LINUX, PACKET, SPEC, TUNNEL, PIPELINE);

    @ArchTest
    static final ArchRule controlIsAboveAllButTheCommand =
            onlyUses(
                    CONTROL, CHANNEL, DEVICE, NETLINK, LINUX, PACKET, WIRE, SPEC, TUNNEL, PIPELINE,
                    OBSERVE, ATTACH, REHEARSAL);

    @ArchTest
    static final ArchRule rehearsalsAreLanesWithoutInterfaces =
            onlyUses(REHEARSAL, CHANNEL, DEVICE, LINUX, PACKET, WIRE, SPEC, TUNNEL, PIPELINE);

    @ArchTest
    static final ArchRule tracesAreWatchedFromOutside =
            onlyUses(TRACE, CONTROL, ATTACH, CAPTURE, DISSECT, OBSERVE, JSON, SPEC, TUNNEL, WIRE);

    @ArchTest static final ArchRule statsAreWhatAnAnswerSays = onlyUses("io.culvert.stats..");

    @ArchTest static final ArchRule attachingKnowsNothingOfTunnels = onlyUses(ATTACH, JSON);

    @ArchTest static final ArchRule capturesAreOfAnyPackets = onlyUses(CAPTURE, OBSERVE, WIRE);

    @ArchTest
    static final ArchRule conversionsAreOfCapturesByTunnels =
            onlyUses(CONVERT, CAPTURE, OBSERVE, SURVEY, DISSECT, SPEC, TUNNEL, PACKET, WIRE);

    @ArchTest
    static final ArchRule onlyCaptureKnowsPcap4j =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(CAPTURE)
                    .should()
                    .dependOnClassesThat(resideInAnyPackage("org.pcap4j.."));

    @ArchTest
    static final ArchRule theDoctorLooksAndCarriesNoPackets =
            onlyUses(
                    DOCTOR, CONTROL, ATTACH, DEVICE, NETLINK, LINUX, JSON, PACKET, WIRE, SPEC,
                    TUNNEL);

    @ArchTest
    static final ArchRule onlyLinuxKnowsJna =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(LINUX)
                    .should()
                    .dependOnClassesThat(resideInAnyPackage("com.sun.jna.."));

    @ArchTest
    static final ArchRule onlyChannelsRealOrInMemoryAndPipelinesKnowNetty =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(CHANNEL, LOOP, PIPELINE)
                    .should()
                    .dependOnClassesThat(resideInAnyPackage("io.netty.."));

    @ArchTest
    static final ArchRule arrowsMakeNoCircle =
            slices().matching("io.culvert.(*)..").should().beFreeOfCycles();

    /** Of our own packages only these; what lies outside of the project is for other rules. */
    private static ArchRule onlyUses(String subject, String... allowed) {
        String[] own = java.util.Arrays.copyOf(allowed, allowed.length + 1);
        own[allowed.length] = subject;
        return classes()
                .that()
                .resideInAPackage(subject)
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackages("io.culvert..").or(resideInAnyPackage(own)));
    }
}
