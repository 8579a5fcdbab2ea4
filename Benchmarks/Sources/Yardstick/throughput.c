// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One connection publishes in pipelined batches, or it reads and acknowledges, where the XACK of one batch leaves
// together with the XREADGROUP of the next. A batch of one is a plain round trip.

#include "yardstick.h"

#include <stdio.h>
#include <stdlib.h>

static size_t smaller(size_t one, size_t other) { return one < other ? one : other; }

static void publish(redisContext *server, const Plan *plan) {
    char *body = make_body(plan);
    for (size_t done = 0; done < plan->messages;) {
        size_t count = smaller(plan->batch, plan->messages - done);
        for (size_t i = 0; i < count; i++) {
            redisAppendCommand(server, "XADD orders * data %b", body, plan->bytes);
        }
        for (size_t i = 0; i < count; i++) skip_reply(server);
        done += count;
    }
    free(body);
}

static void consume(redisContext *server, const Plan *plan) {
    const char **parts = memory_for(plan->batch + 3, sizeof *parts);
    size_t *lengths = memory_for(plan->batch + 3, sizeof *lengths);
    char limit[24];
    snprintf(limit, sizeof limit, "%zu", plan->batch);
    redisReply *read = NULL;
    for (size_t done = 0; done < plan->messages || read != NULL;) {
        int acknowledges = read != NULL;
        int reads = done < plan->messages;
        if (acknowledges) {
            append_ack(server, entries_of(read), parts, lengths);
            freeReplyObject(read);
            read = NULL;
        }
        if (reads) {
            redisAppendCommand(server, "XREADGROUP GROUP billing yardstick COUNT %s STREAMS orders >", limit);
        }
        if (acknowledges) skip_reply(server);
        if (reads) {
            read = next_reply(server);
            done += entries_of(read)->elements;
        }
    }
    free(parts);
    free(lengths);
}

static Throughput measure(redisContext *server, const Plan *plan, void (*work)(redisContext *, const Plan *)) {
    double server_before = server_processor_seconds(server);
    double client_before = client_processor_seconds();
    double began = seconds_now();
    work(server, plan);
    double seconds = seconds_now() - began;
    double client = client_processor_seconds() - client_before;
    double busy = server_processor_seconds(server) - server_before;
    double messages = (double)plan->messages;
    return (Throughput){
        .messages_per_second = messages / seconds,
        .client_microseconds = client * 1e6 / messages,
        .server_microseconds = busy * 1e6 / messages,
    };
}

Throughput measure_publish(redisContext *server, const Plan *plan) {
    prepare(server);
    return measure(server, plan, publish);
}

Throughput measure_consume(redisContext *server, const Plan *plan) {
    prepare(server);
    // How the messages came there is not measured.
    Plan storing = *plan;
    storing.batch = 1024;
    publish(server, &storing);
    return measure(server, plan, consume);
}
