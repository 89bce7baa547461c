package io.culvert.endtoend.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private final String page = HtmlReport.of(Runs.three());

    @Test
    void nothingIsLoadedFromAnywhere() {
        assertThat(page)
                .doesNotContain("http:", "https:", "src=", "href=", "@import", "url(", "<script");
    }

    @Test
    void textIsEscapedWhereverItComesFrom() {
        assertThat(page)
                .contains(
                        "iperf3: &lt;no&gt; &amp; never", "&lt;mode gre&gt; &amp; &quot;more&quot;")
                .doesNotContain("<no>", "<mode");
    }

    @Test
    void eachPlotIsWellFormed() throws Exception {
        String[] pieces = page.split("(?=<svg )");

        assertThat(pieces).hasSize(6); // four charts of bars, the curves, and what is before them
        for (int i = 1; i < pieces.length; i++) {
            String svg = pieces[i].substring(0, pieces[i].indexOf("</svg>") + 6);
            Document document =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new InputSource(new StringReader(svg)));
            assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
            assertThat(svg).doesNotContain("NaN", "Infinity");
        }
    }

    @Test
    void barsStandForMediansAndWhiskersForTheSpread() {
        // 20 and 2.5 of at most 22, on 200 units
        assertThat(page)
                .contains("width=\"181.8\"", "width=\"22.7\"", "class=\"whisker\"")
                .contains(">2.50<tspan class=\"range\" dx=\"6\">2.00\u20133.00</tspan>");
    }

    @Test
    void whatWasNotMeasuredHasNoBar() {
        assertThat(page).contains(">not measured</text>", ">failed</text>");
    }

    @Test
    void failuresStandOnTopAndAbsencesAmongTheContenders() {
        assertThat(page)
                .contains("<p class=\"warning\">culvert-gre failed in round 3")
                .contains("<em>Absent: this kernel makes no gre device.</em>");
    }

    @Test
    void aRunWithoutAnyResultIsStillAPage() {
        Results three = Runs.three();
        Results nothing =
                new Results(three.environment(), three.plan(), 1, three.absent(), null, "iperf3");

        assertThat(HtmlReport.of(nothing))
                .contains("</html>")
                .doesNotContain("NaN", "Infinity", "<svg class=\"curves\"");
    }
}
