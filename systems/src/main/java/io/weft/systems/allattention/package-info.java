/** Persistent memory: learned keys and values beside those of the sequence. */
package io.weft.systems.allattention;
