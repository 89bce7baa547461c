/**
 * How another process reaches tunnels that run: the control socket of {@code culvert run}, and the
 * client that finds it.
 *
 * <p>A UNIX domain stream socket, {@code DIRECTORY/PID.sock}, for its owner and root only. Whoever
 * connects writes requests, each an object of JSON in a line:
 *
 * <pre>
 *   {"culvert":1,"verb":"stats","tunnel":"tun0"}
 * </pre>
 *
 * <p>and reads an answer to each, again a line. One of
 *
 * <pre>
 *   {"culvert":1,"answer":{...}}
 *   {"culvert":1,"error":"a sentence for the user"}
 *   {"culvert":1,"stream":"lines","header":{...}}
 *   {"culvert":1,"stream":"records","header":{...}}
 * </pre>
 *
 * <p>After {@code lines} come objects, a line each, and at last {@code {"end":"why"}}. After {@code
 * records} come records of bytes, each behind its length (4 bytes, the most significant first), and
 * at last a length of 0 and the line {@code {"end":"why"}}. A stream that ends without that line
 * was cut off: its reader was too slow, or the process has ended. A client ends a stream by closing
 * its connection, or by writing anything.
 *
 * <p>JSON is read and written by {@code io.culvert.json}, some 300 lines, and not by a library: the
 * classes of one would have to be loaded while a tunnel starts or serves, and what is read here is
 * bounded in length and depth before anything is made of it.
 */
package io.culvert.attach;
