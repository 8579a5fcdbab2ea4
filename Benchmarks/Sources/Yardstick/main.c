// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the Redis benchmarks are held against: blocking hiredis that does what the wire demands and nothing else. No
// leases, no retries, no check of an id.
//
//   Yardstick publish PORT MESSAGES BATCH BYTES
//   Yardstick consume PORT MESSAGES BATCH BYTES
//   Yardstick latency PORT MESSAGES BATCH BYTES [RATE]
//
// Without a RATE of messages a second the latency is that of an idle stream.
//
// Empties the server on that port of 127.0.0.1 first; prints one JSON object.

#include "yardstick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t number(const char *text, size_t greatest) {
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || value == 0 || value > greatest) fail("not a number that can be used", text);
    return (size_t)value;
}

static void print_throughput(Throughput measured) {
    printf("{\"messagesPerSecond\":%.0f,\"clientMicroseconds\":%.3f,\"serverMicroseconds\":%.3f}\n",
           measured.messages_per_second, measured.client_microseconds, measured.server_microseconds);
}

static void print_latency(Latency measured) {
    printf("{\"p50\":%.1f,\"p99\":%.1f,\"messagesPerSecond\":%.0f}\n", measured.p50, measured.p99,
           measured.messages_per_second);
}

int main(int count, char **words) {
    if (count != 6 && count != 7) fail("usage", "Yardstick publish|consume|latency PORT MESSAGES BATCH BYTES [RATE]");
    const Plan plan = {
        .port = (int)number(words[2], 65535),
        .messages = number(words[3], 1000000000),
        .batch = number(words[4], 1000000),
        .bytes = number(words[5], 1 << 28),
        .rate = count == 7 ? number(words[6], 1000000000) : 0,
    };
    redisContext *server = open_connection(&plan);
    if (strcmp(words[1], "publish") == 0) {
        print_throughput(measure_publish(server, &plan));
    } else if (strcmp(words[1], "consume") == 0) {
        print_throughput(measure_consume(server, &plan));
    } else if (strcmp(words[1], "latency") == 0) {
        print_latency(measure_latency(server, &plan));
    } else {
        fail("no mode of the yardstick", words[1]);
    }
    redisFree(server);
    return EXIT_SUCCESS;
}
