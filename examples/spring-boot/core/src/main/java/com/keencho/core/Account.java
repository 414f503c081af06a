package com.keencho.core;

import java.time.Instant;

public record Account(long id, String loginId, String name, Instant createdAt) {
}
