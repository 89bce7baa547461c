/** Results as tables, JSON, percentile distributions and one HTML page. */
package io.culvert.endtoend.report;
