/**
 * The {@code .keras} archive, as one ZIP file or as a folder: members by name, never by extracting
 * anything.
 */
package io.weft.serialization.archive;
