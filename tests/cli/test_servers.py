"""The servers that every other test stands on."""

from __future__ import annotations

import aio_pika
import asyncpg


async def test_a_fresh_database_is_empty_and_takes_connections(fresh_database: str) -> None:
    connection = await asyncpg.connect(fresh_database)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0


async def test_the_server_is_postgresql_18(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    version = await connection.fetchval("SHOW server_version_num")
    await connection.close()
    assert version.startswith("18")


async def test_the_broker_has_quorum_queues(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("quorum", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(b"hello"), routing_key=queue.name)
        message = await queue.get(timeout=60)
        await message.ack()
        await queue.delete(if_unused=False, if_empty=False)
    assert message.body == b"hello"
