package io.culvert.convert;

import io.culvert.capture.CaptureOutput;
import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.survey.TunnelId;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where packets go that were taken out of tunnels: one capture file in which each tunnel is an
 * interface, or a directory with a file for each. Confined to one thread.
 */
public final class InnerFiles implements Closeable {
    private static final int MOST_INTERFACES = 4096;

    /** Files are open all the time, and a process may have 1024. */
    private static final int MOST_FILES = 256;

    private static final String OTHERS = "not tunnelled";

    /** An interface in the common file, or the only one in a file of its own. */
    private record Place(CaptureOutput file, int interfaceId) {}

    private record Key(String name, boolean isEthernet) {}

    private final CaptureOutput common;
    private final Path directory;
    private final Path input;
    private final Map<Key, Place> places = new LinkedHashMap<>();
    private final List<CaptureOutput> opened = new ArrayList<>();
    private final Set<Integer> linkTypes = new TreeSet<>();
    private long beyondMost;
    private int replaced;

    private InnerFiles(CaptureOutput common, Path directory, Path input) {
        this.common = common;
        this.directory = directory;
        this.input = input;
    }

    /**
     * One file; {@code -} is the standard output.
     *
     * @throws IOException whose message is the whole sentence for the user
     */
    public static InnerFiles single(String file) throws IOException {
        CaptureOutput common = CaptureOutput.open(file);
        InnerFiles files = new InnerFiles(common, null, null);
        files.opened.add(common);
        return files;
    }

    /**
     * A directory, which is made if it is not there.
     *
     * @param input the file that is read meanwhile, which is never written; null for none
     * @throws IOException whose message is the whole sentence for the user
     */
    public static InnerFiles split(Path directory, Path input) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new IOException("cannot make the directory " + directory + ": " + e, e);
        }
        return new InnerFiles(null, directory, input);
    }

    void write(TunnelId tunnel, boolean isEthernet, CapturedPacket packet) throws IOException {
        write(new Key(name(tunnel), isEthernet), packet);
    }

    void writeOther(CapturedPacket packet) throws IOException {
        write(new Key(OTHERS, false), packet);
    }

    private void write(Key key, CapturedPacket packet) throws IOException {
        Place place = places.get(key);
        if (place == null) {
            if (places.size() >= (common == null ? MOST_FILES : MOST_INTERFACES)) {
                beyondMost++;
                return;
            }
            place = open(key);
            places.put(key, place);
        }
        place.file.write(packet.onInterface(place.interfaceId));
    }

    private Place open(Key key) throws IOException {
        int linkType = linkType(key);
        linkTypes.add(linkType);
        CaptureOutput file = common;
        if (file == null) {
            String name = "%03d %s.pcapng".formatted(places.size() + 1, key.name);
            String plain = name.replace(" > ", "-").replace(' ', '-').replace(':', '_');
            Path path = directory.resolve(plain);
            if (input != null && Files.exists(path) && Files.isSameFile(path, input)) {
                throw new IOException(
                        "cannot write " + path + ": it is the input; move it out of " + directory);
            }
            file = CaptureOutput.open(path.toString());
            opened.add(file);
            replaced += file.replacement().isPresent() ? 1 : 0;
        }
        return new Place(file, file.addInterface(CaptureInterface.of(key.name, linkType)));
    }

    private int linkType(Key key) {
        if (key.isEthernet) {
            return CaptureInterface.ETHERNET;
        }
        return common == null ? CaptureInterface.RAW_IP : CaptureInterface.RAW_IP_OF_SEVERAL;
    }

    /** What the interface is called in the file. */
    private static String name(TunnelId id) {
        String name = id.source() + " > " + id.destination() + " " + id.kind().label();
        if (!id.wrapper().isEmpty()) {
            name += " " + id.wrapper() + " " + id.udpPort();
        }
        return id.key().isPresent() ? name + " " + id.keyText() : name;
    }

    /** Tunnels, each direction by itself, that have a place. */
    public int tunnels() {
        return places.containsKey(new Key(OTHERS, false)) ? places.size() - 1 : places.size();
    }

    /** Packets of further tunnels, which were not written. */
    public long beyondMost() {
        return beyondMost;
    }

    /** What the user should know of files that were there before, and of what was not kept. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        if (common != null) {
            common.replacement().ifPresent(remarks::add);
            common.loss().ifPresent(remarks::add);
        } else if (replaced > 0) {
            String files = replaced == 1 ? "1 file" : replaced + " files";
            remarks.add(files + " of that name in " + directory + " overwritten");
        }
        return remarks;
    }

    /** Whether the common file holds packets that begin in different ways. */
    public boolean isMixed() {
        return common != null && linkTypes.size() > 1;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (CaptureOutput file : opened) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
