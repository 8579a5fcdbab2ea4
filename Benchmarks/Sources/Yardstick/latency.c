// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One thread is blocked in XREADGROUP, another one publishes a message when nothing has happened for a millisecond.
// A latency goes from just before the XADD to the return of the read.

#include "yardstick.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    const Plan *plan;
    /// When each message was read.
    double *arrivals;
    atomic_size_t read;
} Reader;

static void *read_all(void *argument) {
    Reader *reader = argument;
    redisContext *server = open_connection(reader->plan);
    const char *parts[4];
    size_t lengths[4];
    for (size_t done = 0; done < reader->plan->messages; done++) {
        redisAppendCommand(server, "XREADGROUP GROUP billing yardstick COUNT 1 BLOCK 0 STREAMS orders >");
        redisReply *reply = next_reply(server);
        reader->arrivals[done] = seconds_now();
        append_ack(server, entries_of(reply), parts, lengths);
        skip_reply(server);
        freeReplyObject(reply);
        atomic_store(&reader->read, done + 1);
    }
    redisFree(server);
    return NULL;
}

static void pause_a_millisecond(void) {
    const struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
}

static void publish_all(redisContext *server, Reader *reader, double *departures) {
    char *body = make_body(reader->plan);
    for (size_t done = 0; done < reader->plan->messages; done++) {
        // The read of the next message is blocked again after this pause.
        do {
            pause_a_millisecond();
        } while (atomic_load(&reader->read) < done);
        departures[done] = seconds_now();
        redisAppendCommand(server, "XADD orders * data %b", body, reader->plan->bytes);
        skip_reply(server);
    }
    free(body);
}

static int compare(const void *one, const void *other) {
    double first = *(const double *)one, second = *(const double *)other;
    return (first > second) - (first < second);
}

// The smallest latency that this part of all keeps to.
static double quantile(const double *sorted, size_t count, double part) {
    size_t index = (size_t)((double)count * part);
    return sorted[index < count ? index : count - 1];
}

Latency measure_latency(redisContext *server, const Plan *plan) {
    prepare(server);
    // The first message finds a reader that is not blocked yet, and is left out.
    Plan longer = *plan;
    longer.messages += 1;
    Reader reader = {.plan = &longer, .arrivals = memory_for(longer.messages, sizeof(double))};
    double *latencies = memory_for(longer.messages, sizeof(double));
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_all, &reader) != 0) fail("latency", "there is no thread to read in");
    publish_all(server, &reader, latencies);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < longer.messages; i++) latencies[i] = (reader.arrivals[i] - latencies[i]) * 1e6;
    qsort(latencies + 1, plan->messages, sizeof(double), compare);
    Latency latency = {
        .p50 = quantile(latencies + 1, plan->messages, 0.50),
        .p99 = quantile(latencies + 1, plan->messages, 0.99),
    };
    free(reader.arrivals);
    free(latencies);
    return latency;
}
