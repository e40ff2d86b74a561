/**
 * The exceptions of Weft, all unchecked. Every message says who refused, what was expected, what
 * was received and the way out.
 */
package io.weft.error;
