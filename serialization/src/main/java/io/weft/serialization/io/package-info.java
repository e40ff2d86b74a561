/**
 * Bytes in and out: random access to files and to members of archives with every range checked,
 * arrays from bytes and back, ZIP with limits, and files that are replaced whole or not at all.
 */
package io.weft.serialization.io;
