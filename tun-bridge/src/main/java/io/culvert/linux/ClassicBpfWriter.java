package io.culvert.linux;

import io.culvert.linux.ClassicBpf.Instruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a classic BPF program, one verb per instruction.
 *
 * <p>The machine has an accumulator, an index register and 16 words of memory. Numbers are unsigned
 * words of 32 bits; the packet is in network order. <b>A load beyond the packet's end ends the
 * program, and refuses the packet.</b> Jumps go forwards only, to a label that is set later.
 *
 * <p>Used once, for one program. Not thread-safe.
 */
public final class ClassicBpfWriter {
    // linux/bpf_common.h and linux/filter.h
    private static final int LD = 0x00;
    private static final int LDX = 0x01;
    private static final int ST = 0x02;
    private static final int STX = 0x03;
    private static final int ALU = 0x04;
    private static final int JMP = 0x05;
    private static final int RET = 0x06;
    private static final int MISC = 0x07;
    private static final int WORD = 0x00;
    private static final int HALF = 0x08;
    private static final int BYTE = 0x10;
    private static final int ABS = 0x20;
    private static final int IND = 0x40;
    private static final int MEM = 0x60;
    private static final int LEN = 0x80;
    private static final int MSH = 0xa0;
    private static final int ADD = 0x00;
    private static final int MUL = 0x20;
    private static final int AND = 0x50;
    private static final int LSH = 0x60;
    private static final int RSH = 0x70;
    private static final int MOD = 0x90;
    private static final int XOR = 0xa0;
    private static final int JA = 0x00;
    private static final int JEQ = 0x10;
    private static final int JGE = 0x30;
    private static final int JSET = 0x40;
    private static final int X = 0x08;
    private static final int TAX = 0x00;
    private static final int TXA = 0x80;

    private static final int SKF_AD_OFF = -0x1000;
    private static final int SKF_AD_PKTTYPE = 4;

    private static final int FARTHEST_CONDITIONAL_JUMP = 255;
    private static final int WHOLE_PACKET = -1;

    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();

    /** An instruction whose targets are labels as long as these are not set. */
    private record Step(int code, String ifTrue, String ifFalse, int operand) {}

    /** What follows is where jumps to the label go. */
    public ClassicBpfWriter label(String name) {
        if (labels.put(name, steps.size()) != null) {
            throw new IllegalStateException("two labels " + name);
        }
        return this;
    }

    // ---- loading: the packet begins at offset 0

    public ClassicBpfWriter loadPacketLength() {
        return add(LD | WORD | LEN, 0);
    }

    /** Loads for whom the link's frame was: a {@code PACKET_HOST} of linux/if_packet.h. */
    public ClassicBpfWriter loadPacketType() {
        return add(LD | WORD | ABS, SKF_AD_OFF + SKF_AD_PKTTYPE);
    }

    /** Loads what is {@code offset} bytes behind the index. */
    public ClassicBpfWriter loadWord(int offset) {
        return add(LD | WORD | IND, offset);
    }

    /** Loads what is {@code offset} bytes behind the index. */
    public ClassicBpfWriter loadHalf(int offset) {
        return add(LD | HALF | IND, offset);
    }

    /** Loads what is {@code offset} bytes behind the index. */
    public ClassicBpfWriter loadByte(int offset) {
        return add(LD | BYTE | IND, offset);
    }

    /** Sets the index to the length of the IPv4 header at offset 0, as its IHL has it. */
    public ClassicBpfWriter indexIpv4HeaderLength() {
        return add(LDX | BYTE | MSH, 0);
    }

    public ClassicBpfWriter loadMemory(int cell) {
        return add(LD | MEM, cell);
    }

    public ClassicBpfWriter storeMemory(int cell) {
        return add(ST, cell);
    }

    public ClassicBpfWriter loadIndex(int cell) {
        return add(LDX | MEM, cell);
    }

    public ClassicBpfWriter storeIndex(int cell) {
        return add(STX, cell);
    }

    public ClassicBpfWriter copyToIndex() {
        return add(MISC | TAX, 0);
    }

    public ClassicBpfWriter copyFromIndex() {
        return add(MISC | TXA, 0);
    }

    // ---- arithmetic on the accumulator

    public ClassicBpfWriter plus(int value) {
        return add(ALU | ADD, value);
    }

    public ClassicBpfWriter plusIndex() {
        return add(ALU | ADD | X, 0);
    }

    public ClassicBpfWriter times(int value) {
        return add(ALU | MUL, value);
    }

    public ClassicBpfWriter modulo(int value) {
        return add(ALU | MOD, value);
    }

    public ClassicBpfWriter and(int mask) {
        return add(ALU | AND, mask);
    }

    public ClassicBpfWriter xorIndex() {
        return add(ALU | XOR | X, 0);
    }

    public ClassicBpfWriter shiftLeft(int bits) {
        return add(ALU | LSH, bits);
    }

    public ClassicBpfWriter shiftRight(int bits) {
        return add(ALU | RSH, bits);
    }

    // ---- going on elsewhere

    public ClassicBpfWriter jump(String label) {
        steps.add(new Step(JMP | JA, label, null, 0));
        return this;
    }

    public ClassicBpfWriter jumpIfEqual(int value, String label) {
        return jumpIf(JEQ, value, label);
    }

    public ClassicBpfWriter jumpUnlessEqual(int value, String label) {
        return jumpUnless(JEQ, value, label);
    }

    /** Goes there when the accumulator and the mask have a bit in common. */
    public ClassicBpfWriter jumpIfAnyOf(int mask, String label) {
        return jumpIf(JSET, mask, label);
    }

    /** Goes there when the accumulator is less than the value. */
    public ClassicBpfWriter jumpIfLess(int value, String label) {
        return jumpUnless(JGE, value, label);
    }

    /** Goes there when the accumulator is less than the index. */
    public ClassicBpfWriter jumpIfLessThanIndex(String label) {
        return jumpUnless(JGE | X, 0, label);
    }

    /** Ends the program: the packet comes in, whole. */
    public ClassicBpfWriter accept() {
        return add(RET, WHOLE_PACKET);
    }

    /** Ends the program: the packet does not come in. */
    public ClassicBpfWriter refuse() {
        return add(RET, 0);
    }

    /**
     * The program.
     *
     * @throws IllegalStateException when a jump leads nowhere, backwards, or too far
     */
    public ClassicBpf program() {
        List<Instruction> instructions = new ArrayList<>();
        for (Step step : steps) {
            int next = instructions.size() + 1;
            boolean isConditional = (step.code & 0x07) == JMP && step.code != (JMP | JA);
            if (step.code == (JMP | JA)) {
                instructions.add(new Instruction(step.code, 0, 0, skipped(next, step.ifTrue)));
            } else {
                instructions.add(
                        new Instruction(
                                step.code,
                                isConditional ? near(skipped(next, step.ifTrue)) : 0,
                                isConditional ? near(skipped(next, step.ifFalse)) : 0,
                                step.operand));
            }
        }
        return new ClassicBpf(instructions);
    }

    private int skipped(int next, String label) {
        if (label == null) {
            return 0;
        }
        Integer target = labels.get(label);
        if (target == null || target < next || target >= steps.size()) {
            throw new IllegalStateException("no way on to the label " + label);
        }
        return target - next;
    }

    private static int near(int skipped) {
        if (skipped > FARTHEST_CONDITIONAL_JUMP) {
            throw new IllegalStateException("a condition cannot skip " + skipped + " instructions");
        }
        return skipped;
    }

    private ClassicBpfWriter jumpIf(int condition, int value, String label) {
        steps.add(new Step(JMP | condition, label, null, value));
        return this;
    }

    private ClassicBpfWriter jumpUnless(int condition, int value, String label) {
        steps.add(new Step(JMP | condition, null, label, value));
        return this;
    }

    private ClassicBpfWriter add(int code, int operand) {
        steps.add(new Step(code, null, null, operand));
        return this;
    }
}
