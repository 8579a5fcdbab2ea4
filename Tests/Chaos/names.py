# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A name for the server, as the workers see it, that can become unknown, or lead to nobody who knows."""

import asyncio
import os
from contextlib import contextmanager

NAME = "server.example"
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "names.c")


class Names:
    """A library that is loaded before the C library, and the file that says what it answers."""

    def __init__(self, folder):
        self.library = os.path.join(folder, "names.so")
        self.book = os.path.join(folder, "names")

    async def prepare(self):
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", self.library, SOURCE, "-ldl"]
        process = await asyncio.create_subprocess_exec(*command)
        if await process.wait() != 0:
            raise RuntimeError("could not compile " + SOURCE)
        self.say("127.0.0.1")

    @property
    def environment(self):
        """What a process is started with that shall use it."""
        return {"LD_PRELOAD": self.library, "NAME_BOOK": self.book}

    def say(self, text):
        with open(self.book + ".new", "w") as file:
            file.write(text + "\n")
        os.replace(self.book + ".new", self.book)

    @contextmanager
    def saying(self, text):
        """Lets the name be `unknown` or `silent` for a while."""
        self.say(text)
        try:
            yield
        finally:
            self.say("127.0.0.1")
