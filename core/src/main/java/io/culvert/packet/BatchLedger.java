package io.culvert.packet;

/**
 * Counts how each packet of a batch ended, once, when nobody owns the batch any more.
 *
 * <p>Counting at the end and in one place makes the books balance by construction: what was read is
 * what was sent, delivered, replaced by fragments, or dropped for a reason.
 */
@FunctionalInterface
public interface BatchLedger {
    /** Counts nothing. */
    BatchLedger NONE = batch -> {};

    /** Reads the slots' ends; must not keep the batch. Lane thread. */
    void settle(PacketBatch batch);
}
