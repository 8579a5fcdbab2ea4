// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the Redis benchmarks are held against: one connection of blocking hiredis that does what the wire demands and
// nothing else. It publishes in pipelined batches; then it reads and acknowledges, where the XACK of one batch leaves
// together with the XREADGROUP of the next. No leases, no retries, no second connection, no check of an id.
//
//   Yardstick PORT MESSAGES BATCH BYTES
//
// Empties the server on that port of 127.0.0.1 first; prints one JSON object with both rates in messages a second.

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    int port;
    size_t messages;
    size_t batch;
    size_t bytes;
} Plan;

static void fail(const char *what, const char *why) {
    fprintf(stderr, "yardstick: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static size_t smaller(size_t one, size_t other) { return one < other ? one : other; }

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static redisReply *next_reply(redisContext *server) {
    void *reply = NULL;
    if (redisGetReply(server, &reply) != REDIS_OK) fail("no reply", server->errstr);
    redisReply *answer = reply;
    if (answer->type == REDIS_REPLY_ERROR) fail("the server refused", answer->str);
    return answer;
}

static void skip_reply(redisContext *server) { freeReplyObject(next_reply(server)); }

static void prepare(redisContext *server) {
    redisAppendCommand(server, "FLUSHALL");
    redisAppendCommand(server, "XGROUP CREATE orders billing 0 MKSTREAM");
    skip_reply(server);
    skip_reply(server);
}

static void publish(redisContext *server, const Plan *plan) {
    char *body = malloc(plan->bytes + 1);
    if (body == NULL) fail("publish", "no memory");
    memset(body, 'x', plan->bytes);
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

// The entries of a reply of XREADGROUP over one stream.
static redisReply *entries_of(redisReply *reply) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1) fail("XREADGROUP", "there are no entries");
    return reply->element[0]->element[1];
}

static void append_ack(redisContext *server, const redisReply *entries, const char **parts, size_t *lengths) {
    static const char *const head[] = {"XACK", "orders", "billing"};
    for (size_t i = 0; i < 3; i++) {
        parts[i] = head[i];
        lengths[i] = strlen(head[i]);
    }
    for (size_t i = 0; i < entries->elements; i++) {
        const redisReply *id = entries->element[i]->element[0];
        parts[3 + i] = id->str;
        lengths[3 + i] = (size_t)id->len;
    }
    redisAppendCommandArgv(server, (int)(3 + entries->elements), parts, lengths);
}

static void consume(redisContext *server, const Plan *plan) {
    const char **parts = malloc((plan->batch + 3) * sizeof *parts);
    size_t *lengths = malloc((plan->batch + 3) * sizeof *lengths);
    if (parts == NULL || lengths == NULL) fail("consume", "no memory");
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

static size_t number(const char *text, size_t greatest) {
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || value == 0 || value > greatest) fail("not a number that can be used", text);
    return (size_t)value;
}

int main(int count, char **words) {
    if (count != 5) fail("usage", "Yardstick PORT MESSAGES BATCH BYTES");
    const Plan plan = {
        .port = (int)number(words[1], 65535),
        .messages = number(words[2], 1000000000),
        .batch = number(words[3], 1000000),
        .bytes = number(words[4], 1 << 28),
    };
    redisContext *server = redisConnect("127.0.0.1", plan.port);
    if (server == NULL || server->err) fail("no connection", server == NULL ? "no memory" : server->errstr);
    prepare(server);
    double began = seconds();
    publish(server, &plan);
    double published = seconds();
    consume(server, &plan);
    double consumed = seconds();
    printf("{\"messages\":%zu,\"batch\":%zu,\"bytes\":%zu,\"publish\":%.0f,\"consume\":%.0f}\n", plan.messages,
           plan.batch, plan.bytes, (double)plan.messages / (published - began),
           (double)plan.messages / (consumed - published));
    redisFree(server);
    return EXIT_SUCCESS;
}
