package io.culvert.doctor;

import java.util.Locale;

/** Whose machine this is, where that says how its network treats tunnels. */
enum Cloud {
    /** Amazon EC2. */
    AMAZON("Amazon EC2"),
    /** Microsoft Azure. */
    AZURE("Microsoft Azure"),
    /** Google Compute Engine. */
    GOOGLE("Google Compute Engine"),
    /** Alibaba Cloud ECS. */
    ALIBABA("Alibaba Cloud"),
    /** Another one, or none. */
    OTHER("");

    private final String words;

    Cloud(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    /** Told by what the firmware says of the machine (DMI). */
    static Cloud of(Host host) {
        String machine =
                (dmi(host, "sys_vendor") + " " + dmi(host, "product_name"))
                        .toLowerCase(Locale.ROOT);
        if (machine.contains("amazon")) {
            return AMAZON;
        }
        if (machine.contains("google")) {
            return GOOGLE;
        }
        if (machine.contains("alibaba")) {
            return ALIBABA;
        }
        // Hyper-V at home has the same vendor and product, and not this tag.
        return dmi(host, "chassis_asset_tag").startsWith("7783-7084-3265-9085-8269-3286-77")
                ? AZURE
                : OTHER;
    }

    static String dmi(Host host, String file) {
        return host.text("/sys/class/dmi/id/" + file).map(String::strip).orElse("");
    }

    /**
     * What to open, and whether that helps at all.
     *
     * @param protocol IP protocol number
     */
    String advice(int protocol) {
        return switch (this) {
            case AMAZON ->
                    "Amazon EC2: the security groups of both sides need an inbound rule \"Custom"
                            + " protocol\" with number "
                            + protocol
                            + " from the other's public address";
            case AZURE ->
                    "Microsoft Azure drops "
                            + Protocol.name(protocol)
                            + " in its fabric whatever the network security group says: put one"
                            + " end elsewhere, or carry the tunnel in UDP";
            case GOOGLE ->
                    "Google Cloud drops IP protocols that no firewall rule names, and takes GRE"
                            + " from outside by protocol forwarding only";
            case ALIBABA ->
                    "Alibaba Cloud: the security groups of both sides need an inbound rule for"
                            + " protocol "
                            + (protocol == 47 ? "GRE" : "All")
                            + " from the other's public address";
            case OTHER ->
                    "Known to drop it: Azure's fabric (always), Google Cloud (GRE by protocol"
                            + " forwarding only), Amazon EC2 and Alibaba Cloud (until a security"
                            + " group has an inbound rule for protocol "
                            + protocol
                            + ")";
        };
    }
}
