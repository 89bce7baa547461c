package io.culvert.control;

import io.culvert.device.Offload;
import io.culvert.spec.KeepaliveSpec;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import io.culvert.wire.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tunnel in the words of {@code ip tunnel add} and {@code ip link add ... type gre}, in any
 * order.
 *
 * <p>What the words mean and how numbers are read follows iproute2, with two differences: a word
 * that would silently overwrite an earlier one is an error, and {@code ttl N nopmtudisc}, which
 * {@code ip tunnel} refuses and {@code ip link} takes, is taken.
 */
public final class TunnelWords {
    private static final long MOST_KEY = 0xffff_ffffL;

    /** So large that it is out of every range, and is said to be. */
    private static final long ANY_NUMBER = 999_999_999_999L;

    private static final Pattern KEEPALIVE =
            Pattern.compile("(\\d{1,5}(?:\\.\\d{1,3})?)(?::(\\d{1,3}))?");

    private final List<InterfaceAddress> addresses = new ArrayList<>();
    private final List<Prefix> routes = new ArrayList<>();
    private Offload offload = Offload.AUTO;
    private TunnelSpecBuilder spec;
    private OuterWords outer;
    private long mtu = -1;
    private boolean carrierFollows;

    private TunnelWords() {}

    /**
     * The tunnel that the words describe.
     *
     * @throws WordsException that says what is wrong, in one line for the user
     */
    public static TunnelConfig parse(List<String> words) {
        return new TunnelWords().config(WordReader.read(words));
    }

    /**
     * The tunnel that the words describe, for those to whom its name means nothing.
     *
     * @param name what it is called when no word says so
     * @throws WordsException that says what is wrong, in one line for the user
     */
    public static TunnelConfig parse(List<String> words, String name) {
        boolean isNamed =
                words.contains("name") || words.isEmpty() || Word.of(words.get(0)) == null;
        if (isNamed) {
            return parse(words);
        }
        List<String> named = new ArrayList<>(List.of("name", name));
        named.addAll(words);
        return parse(named);
    }

    /** Whether it is a word of a tunnel, with or without a value behind it. */
    public static boolean isKnown(String word) {
        return Word.of(word) != null;
    }

    private TunnelConfig config(List<WordUse> uses) {
        String name = value(uses, Word.NAME);
        if (name == null) {
            throw new WordsException("a tunnel needs a name: give it first, for example \"tun0\"");
        }
        ModeWords modes = ModeWords.of(uses, name);
        spec = TunnelSpec.builder(name, modes.mode()).payload(modes.payload());
        outer = new OuterWords(modes.mode(), spec);
        if (value(uses, Word.REMOTE) == null) {
            throw new WordsException("a tunnel needs the peer's address: \"remote ADDR\"");
        }
        carrierFollows = uses.stream().anyMatch(use -> use.word() == Word.KEEPALIVE_CARRIER);
        if (carrierFollows && value(uses, Word.KEEPALIVE) == null) {
            throw new WordsException(
                    "\"keepalive-carrier\" needs keepalives: \"keepalive SECONDS\"");
        }
        uses.forEach(this::apply);
        try {
            if (mtu >= 0) { // the spec's 0 means that none was given
                spec.build().requireInnerMtu(mtu);
                spec.innerMtu((int) mtu);
            }
            return new TunnelConfig(spec.build(), addresses, routes, offload);
        } catch (IllegalArgumentException e) {
            throw new WordsException(e.getMessage(), e);
        }
    }

    private void apply(WordUse use) {
        switch (use.word()) {
            case NAME, TYPE, MODE, PEER -> {} // these were needed before the others
            case REMOTE,
                    LOCAL,
                    DEV,
                    TTL,
                    TOS,
                    FLOW_LABEL,
                    ENCAP_LIMIT,
                    DSCP,
                    ALLOW_LOCAL_REMOTE,
                    NO_ALLOW_LOCAL_REMOTE,
                    PMTUDISC,
                    NO_PMTUDISC,
                    IGNORE_DF,
                    NO_IGNORE_DF ->
                    outer.apply(use);
            case KEY -> spec.key(key(use));
            case INPUT_KEY -> spec.inputKey(key(use));
            case OUTPUT_KEY -> spec.outputKey(key(use));
            case NO_KEY -> spec.noKey();
            case NO_INPUT_KEY -> spec.noInputKey();
            case NO_OUTPUT_KEY -> spec.noOutputKey();
            case CHECKSUM -> spec.checksum(true);
            case INPUT_CHECKSUM -> spec.inputChecksum(true);
            case OUTPUT_CHECKSUM -> spec.outputChecksum(true);
            case NO_CHECKSUM -> spec.checksum(false);
            case NO_INPUT_CHECKSUM -> spec.inputChecksum(false);
            case NO_OUTPUT_CHECKSUM -> spec.outputChecksum(false);
            case SEQUENCE -> spec.sequence(true);
            case INPUT_SEQUENCE -> spec.inputSequence(true);
            case OUTPUT_SEQUENCE -> spec.outputSequence(true);
            case NO_SEQUENCE -> spec.sequence(false);
            case NO_INPUT_SEQUENCE -> spec.inputSequence(false);
            case NO_OUTPUT_SEQUENCE -> spec.outputSequence(false);
            case MTU -> mtu = number(use, 0, ANY_NUMBER);
            case ADDRESS -> addresses.add(address(use));
            case ROUTE -> routes.add(route(use));
            case OFFLOAD -> offload = offload(use);
            case KEEPALIVE -> spec.keepalive(keepalive(use));
            case KEEPALIVE_CARRIER -> {} // the same
        }
    }

    private static int key(WordUse use) {
        if (use.value().indexOf('.') < 0) {
            return (int) number(use, 0, MOST_KEY);
        }
        try {
            return Ipv4Address.parse(use.value());
        } catch (IllegalArgumentException e) {
            throw wrongValue(use);
        }
    }

    static long number(WordUse use, long least, long most) {
        long value = NumberWords.unsigned(use.value(), most);
        if (value < least) {
            throw wrongValue(use);
        }
        return value;
    }

    private static InterfaceAddress address(WordUse use) {
        try {
            return use.peer() == null
                    ? AddressWords.interfaceAddress(use.value())
                    : AddressWords.interfaceAddress(use.value(), use.peer());
        } catch (IllegalArgumentException e) {
            throw new WordsException("address: " + e.getMessage(), e);
        }
    }

    private static Prefix route(WordUse use) {
        try {
            return AddressWords.prefix(use.value());
        } catch (IllegalArgumentException e) {
            throw new WordsException("route: " + e.getMessage(), e);
        }
    }

    private static Offload offload(WordUse use) {
        return switch (use.value()) {
            case "auto" -> Offload.AUTO;
            case "on" -> Offload.ON;
            case "off" -> Offload.OFF;
            default -> throw wrongValue(use);
        };
    }

    private KeepaliveSpec keepalive(WordUse use) {
        Matcher parts = KEEPALIVE.matcher(use.value());
        if (!parts.matches()) {
            throw wrongValue(use);
        }
        long periodMillis = Math.round(Double.parseDouble(parts.group(1)) * 1000);
        int retries =
                parts.group(2) == null
                        ? KeepaliveSpec.DEFAULT_RETRIES
                        : Integer.parseInt(parts.group(2));
        try {
            return new KeepaliveSpec((int) periodMillis, retries, carrierFollows);
        } catch (IllegalArgumentException e) {
            throw wrongValue(use);
        }
    }

    static WordsException wrongValue(WordUse use) {
        return new WordsException(
                use.spelling() + " \"" + use.value() + "\" is not " + use.word().valueHint());
    }

    private static String value(List<WordUse> uses, Word word) {
        return uses.stream()
                .filter(use -> use.word() == word)
                .map(WordUse::value)
                .findFirst()
                .orElse(null);
    }
}
