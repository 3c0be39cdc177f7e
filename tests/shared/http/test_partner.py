"""What is asked of another company's service: how often, and what becomes of each kind of answer."""

import asyncio
from decimal import Decimal

import httpx
import pytest

from shared.http.partner import KeptToken, PartnerClient, PartnerError, Patience, Question

SHORT = Patience(answer_seconds=0.2, attempts=3, pause_seconds_max=0.01, answer_bytes_max=200_000)
HARMLESS = Question("GET", "/companies", repeat="always")
DEAR = Question("POST", "/orders", repeat="not_taken", body={"company": "1"})


class Partner:
    """Answers as it is told, one answer after the other, the last one for ever; counts the questions."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> PartnerClient:
        return PartnerClient("The partner", "http://partner", patience=SHORT, transport=httpx.MockTransport(self))


async def refusal(client: PartnerClient, question: Question) -> PartnerError:
    with pytest.raises(PartnerError) as refused:
        await client.ask(question)
    return refused.value


async def test_numbers_are_exact() -> None:
    there = Partner(httpx.Response(200, text='{"limit": 0.1, "count": 3}'))

    answer = await there.client().ask(HARMLESS)

    assert (answer.value, answer.content) == ({"limit": Decimal("0.1"), "count": 3}, b'{"limit": 0.1, "count": 3}')


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_harmless_question_is_repeated_while_the_partner_is_busy(status: int) -> None:
    there = Partner(httpx.Response(status), httpx.Response(status), httpx.Response(200, json=1))

    assert ((await there.client().ask(HARMLESS)).value, there.asked) == (1, 3)


async def test_the_number_of_attempts_is_bounded() -> None:
    there = Partner(httpx.Response(500))

    assert ((await refusal(there.client(), HARMLESS)).status, there.asked) == (500, 3)


@pytest.mark.parametrize(
    ("answer", "attempts", "taken"),
    [
        (httpx.Response(429), 3, False),
        (httpx.Response(503), 3, False),
        (httpx.ConnectError("refused"), 3, False),
        (httpx.Response(500), 1, True),
        (httpx.Response(504), 1, True),
        (httpx.ReadError("reset"), 1, True),
        (httpx.Response(400), 1, False),
        (httpx.Response(401), 1, False),
        (httpx.Response(302), 1, False),
    ],
)
async def test_what_costs_money_is_repeated_only_where_it_was_surely_not_taken(
    answer: httpx.Response | Exception, attempts: int, taken: bool
) -> None:
    there = Partner(answer)

    error = await refusal(there.client(), DEAR)

    assert (there.asked, error.taken) == (attempts, taken)


async def test_what_costs_money_only_when_it_is_answered_is_repeated_after_a_refusal_and_not_after_silence() -> None:
    question = Question("GET", "/data", repeat="refused")
    refusing, silent = Partner(httpx.Response(500)), Partner(httpx.ReadError("reset"))

    await refusal(refusing.client(), question)
    await refusal(silent.client(), question)

    assert (refusing.asked, silent.asked) == (3, 1)


async def test_a_partner_that_hangs_is_left_after_its_time() -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    client = PartnerClient("The partner", "http://partner", patience=SHORT, transport=httpx.MockTransport(hang))

    error = await asyncio.wait_for(refusal(client, DEAR), timeout=60)

    assert error.taken
    assert "0.2 s" in error.detail


@pytest.mark.parametrize(
    "content", ["<html>sorry</html>", '{"a": [1, 2', "", '{"limit": NaN}', "[" * 100_000, '{"a": "\\ud800', "\x80"]
)
async def test_what_is_not_json_is_no_answer(content: str) -> None:
    there = Partner(httpx.Response(200, content=content.encode("latin-1")))

    error = await refusal(there.client(), HARMLESS)

    assert ("not JSON" in error.detail, there.asked, error.taken) == (True, 1, True)


async def test_an_endless_answer_is_broken_off() -> None:
    there = Partner(httpx.Response(200, text='"' + "x" * 200_000 + '"'))

    assert "more than can be" in (await refusal(there.client(), HARMLESS)).detail


async def test_the_partner_says_how_long_to_wait_within_bounds() -> None:
    there = Partner(httpx.Response(429, headers={"Retry-After": "86400"}), httpx.Response(200, json=1))

    assert (await asyncio.wait_for(there.client().ask(HARMLESS), timeout=60)).value == 1


async def test_the_problem_that_a_partner_tells_is_kept() -> None:
    there = Partner(httpx.Response(404, json={"error": {"errorCode": "10500"}}))

    assert (await refusal(there.client(), HARMLESS)).answer == {"error": {"errorCode": "10500"}}


async def test_a_token_is_fetched_once_for_all_who_wait_and_kept_until_it_is_about_to_expire() -> None:
    now, fetched = 0.0, 0

    async def fetch() -> tuple[str, float]:
        nonlocal fetched
        await asyncio.sleep(0)
        fetched += 1
        return f"token {fetched}", 3600

    token = KeptToken(fetch, clock=lambda: now)

    assert await asyncio.gather(*(token.get() for _ in range(5))) == ["token 1"] * 5
    now = 3539
    assert await token.get() == "token 1"
    now = 3540
    assert await token.get() == "token 2"
    token.forget()
    assert await token.get() == "token 3"
