package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Errno;
import io.culvert.packet.DropReason;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which reason an error of a send gives: one that holds whatever caused the error. */
class BatchSenderTest {
    @Test
    void eachErrorHasTheReasonThatNamesItsCauses() {
        Map<Integer, DropReason> expected =
                Map.ofEntries(
                        Map.entry(Errno.ENOBUFS, DropReason.UNDERLAY_FULL),
                        Map.entry(Errno.ENOMEM, DropReason.UNDERLAY_FULL),
                        Map.entry(Errno.EMSGSIZE, DropReason.UNDERLAY_TOO_BIG),
                        Map.entry(Errno.ENETUNREACH, DropReason.NO_ROUTE),
                        Map.entry(Errno.EHOSTUNREACH, DropReason.NO_ROUTE),
                        Map.entry(Errno.ENETDOWN, DropReason.UNDERLAY_DOWN),
                        Map.entry(Errno.ENXIO, DropReason.UNDERLAY_DOWN),
                        Map.entry(Errno.ENODEV, DropReason.UNDERLAY_DOWN),
                        Map.entry(Errno.EPERM, DropReason.UNDERLAY_FORBIDDEN),
                        Map.entry(Errno.EACCES, DropReason.NO_ROUTE),
                        Map.entry(Errno.EINVAL, DropReason.UNDERLAY_REFUSED),
                        Map.entry(Errno.EADDRNOTAVAIL, DropReason.UNDERLAY_REFUSED));
        expected.forEach(
                (errno, reason) ->
                        assertThat(BatchSender.reasonFor(errno)).as("%d", errno).isEqualTo(reason));
    }

    @Test
    void aReasonNamesTheErrorsThatGiveIt() {
        assertThat(BatchSender.reasonFor(Errno.EPERM).description())
                .contains("EPERM", "firewall", "IPsec");
        assertThat(BatchSender.reasonFor(Errno.EACCES).description())
                .contains("EACCES", "forbidding");
        assertThat(BatchSender.reasonFor(Errno.EINVAL).description()).contains("blackhole");
        assertThat(BatchSender.reasonFor(Errno.EHOSTUNREACH).description())
                .contains("ENETUNREACH", "EHOSTUNREACH");
    }
}
