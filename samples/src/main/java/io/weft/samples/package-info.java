/** Runnable programs that show the library at work. */
package io.weft.samples;
