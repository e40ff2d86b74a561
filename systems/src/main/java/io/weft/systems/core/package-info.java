/** The attention core that all systems share. */
package io.weft.systems.core;
