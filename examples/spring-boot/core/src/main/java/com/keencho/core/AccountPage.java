package com.keencho.core;

import java.util.List;

/**
 * Newest first.
 *
 * @param next pass it as {@code before} to get the next page; null on the last one
 */
public record AccountPage(List<Account> accounts, Long next) {
}
