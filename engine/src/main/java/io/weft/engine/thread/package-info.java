/**
 * The worker team and the scratch memory of the Java engine. Depends on nothing but the JDK.
 *
 * <p>Work is cut into tasks by the sizes of the data alone, never by the number of threads, so that
 * results have the same bits for any team.
 */
package io.weft.engine.thread;
