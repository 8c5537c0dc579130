"""Made questions of shop owners, as many as wanted, with the truth about each: what it is about.

A sentence is put together from something to talk about, written as people write it (together or apart, short
or long), and a way to talk about it. What a question is about is noted while it is made and never read from its
letters. One in six holds a sentence whose letters only look like something asked for: 영광고추 is no 광고.
"""

# ruff: noqa: E501 - lists of Korean words

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: What there is to talk about, and how people write it. A way of writing may name a second thing after a bar.
THINGS: Mapping[str, tuple[str, ...]] = {
    "정산": ("정산", "정산", "정산금", "정산일", "정산 내역", "판매 대금 정산"),
    "수수료": ("수수료", "수수료", "판매 수수료", "판매수수료", "결제 수수료|결제"),
    "배송비": ("배송비", "배송비", "배송 비용", "무료배송 배송비", "제주 배송비"),
    "반품": ("반품", "반품", "반품 접수", "반품접수", "반품 상자"),
    "환불": ("환불", "환불", "부분 환불", "부분환불", "환불 금액"),
    "교환": ("교환", "교환 요청", "교환요청", "사이즈 교환"),
    "상세페이지": ("상세페이지", "상세 페이지", "상품 상세페이지", "상품상세페이지"),
    "스마트스토어": ("스마트스토어", "스마트 스토어", "네이버 스마트스토어", "스마트스토어센터"),
    "사업자등록증": ("사업자등록증", "사업자 등록증", "사업자등록증 사본"),
    "통신판매업": ("통신판매업 신고", "통신판매업신고", "통신 판매업 신고", "통신판매업"),
    "대표사진": ("대표 사진", "대표사진", "대표 이미지", "대표이미지"),
    "원산지": ("원산지", "원산지 표시", "원산지표시", "원산지란"),
    "재고": ("재고", "재고 수", "재고수량", "남은 재고"),
    "송장": ("송장 번호", "송장번호", "송장", "택배 송장"),
    "광고": ("광고", "광고비", "검색 광고", "검색광고", "키워드 광고|키워드"),
    "키워드": ("키워드", "검색 키워드", "검색키워드", "키워드 찾기"),
    "쿠폰": ("쿠폰", "할인 쿠폰", "할인쿠폰", "첫 구매 쿠폰"),
    "리뷰": ("리뷰", "리뷰 답글", "리뷰답글", "나쁜 리뷰", "사진 리뷰"),
    "문의": ("문의", "고객 문의", "고객문의", "상품 문의", "문의 답변"),
    "주문": ("주문", "새 주문", "신규주문", "주문 확인", "주문확인"),
    "결제": ("결제", "카드 결제", "카드결제", "간편 결제", "간편결제"),
    "옵션": ("옵션", "옵션 값", "옵션값", "상품 옵션", "선택 옵션"),
    "라이브": ("라이브 방송", "라이브방송", "쇼핑 라이브", "쇼핑라이브"),
    "세금계산서": ("세금계산서", "세금 계산서", "전자 세금계산서", "전자세금계산서"),
    "부가세": ("부가세", "부가세 신고", "부가세신고", "부가 세"),
    "찜": ("찜", "찜", "스토어 찜", "찜 수"),
    "큐알": ("QR코드", "QR 코드", "qr코드", "큐알코드", "큐알 코드"),
    "카카오톡채널": ("카카오톡 채널", "카카오톡채널", "카톡 채널", "카톡채널"),
    "비밀번호": ("비밀번호", "비밀 번호", "로그인 비밀번호", "비밀번호 찾기"),
    "포장": ("포장", "선물 포장", "선물포장", "포장 방법"),
}
NOUN_ENDS = {
    "이": ("이", "가"), "은": ("은", "는"), "을": ("을", "를"), "으로": ("으로", "로"), "이랑": ("이랑", "랑"),
    "이나": ("이나", "나"), "이라는": ("이라는", "라는"), "과": ("과", "와"),
}  # fmt: skip
TALK = (
    "{}{이} 자꾸 안 돼서 여쭤봅니다", "{}{은} 어디에서 보면 될까요", "{}{을} 잘못 눌렀는데 어쩌죠", "{}{을} 바꾸고 싶어요",
    "{} 때문에 하루를 다 보냈어요", "{}도 제가 직접 해야 하나요", "{}에 대해 쉽게 설명해 주세요", "{}부터 막혔습니다",
    "{}까지는 혼자 해 봤어요", "{}만 하면 다 된 건가요", "{}{이} 무슨 말인지 모르겠어요", "{}{으로} 하라는데 맞습니까",
    "{}{이라는} 말을 처음 들어요", "{}에서 다음으로 안 넘어가요", "{}{을} 지웠는데 되살릴 수 있나요", "{}의 순서가 궁금해요",
    "{}{이랑} 헷갈려요", "{} 화면이 예전과 달라졌어요", "{}{을} 아들이 해 줬는데 다시 못 찾겠어요", "{}에는 돈이 드나요",
)  # fmt: skip
CHAT = (
    "안녕하세요, 시장에서 전을 부칩니다.", "눈이 어두워서 글씨가 작으면 힘들어요.", "어제 수업에서 배웠는데 집에 오니 잊었어요.",
    "딸한테 물어보기 미안해서요.", "장날이라 이제야 앉았어요.", "멘토님 지난번에 고마웠습니다.", "저는 건어물 가게를 합니다.",
    "휴대폰으로 하고 있어요.", "비가 와서 손님이 뜸하네요.", "천천히 알려 주시면 따라 할게요.", "컴퓨터는 켜는 것만 할 줄 알아요.",
    "화면을 찍어서 올려 둘게요.", "설 대목이라 마음이 바쁩니다.",
)  # fmt: skip
LOOK_ALIKE = (
    "영광고추를 빻아서 팝니다.", "주문진에서 오징어가 올라와요.", "우리 가문의 손맛입니다.", "아귀찜이 제일 잘 나가요.",
    "가정산업전에 다녀왔어요.", "연결제품을 새로 샀어요.", "큰길 구입점에서 떼어 옵니다.", "물교환기를 고쳤어요.",
    "풍경광고개를 넘어 다녀요.", "포장마차 시절부터 했어요.", "인정 산골에서 온 나물이에요.", "상반품종을 심었어요.",
    "갈비찜도 합니다.", "무환불로초라는 약초예요.", "장문의 편지를 받았어요.",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One question and what it is about."""

    title: str
    text: str
    about: frozenset[str]


@dataclass(frozen=True)
class Query:
    """What somebody types, and what a right answer is about: all of these."""

    typed: str
    about: frozenset[str]


def _query(typed: str, *about: str) -> Query:
    return Query(typed, frozenset(about))


QUERIES = (
    _query("정산", "정산"), _query("정산이", "정산"), _query("정산은 언제", "정산"), _query("수수료", "수수료"),
    _query("배송비", "배송비"), _query("반품", "반품"), _query("환불을", "환불"),
    _query("교환", "교환"), _query("상세페이지", "상세페이지"), _query("상세 페이지", "상세페이지"),
    _query("스마트스토어", "스마트스토어"), _query("스마트 스토어", "스마트스토어"), _query("스스", "스마트스토어"),
    _query("사업자등록증", "사업자등록증"), _query("사업자 등록증", "사업자등록증"), _query("통신 판매업", "통신판매업"),
    _query("대표사진", "대표사진"), _query("원산지", "원산지"), _query("재고", "재고"), _query("송장", "송장"),
    _query("광고", "광고"), _query("키워드", "키워드"), _query("쿠폰", "쿠폰"), _query("리뷰", "리뷰"), _query("문의", "문의"),
    _query("주문", "주문"), _query("결제", "결제"), _query("옵션", "옵션"), _query("라이브", "라이브"),
    _query("세금 계산서", "세금계산서"), _query("부가세", "부가세"), _query("찜", "찜"), _query("qr코드", "큐알"),
    _query("큐알", "큐알"), _query("카카오톡 채널", "카카오톡채널"), _query("비밀번호", "비밀번호"), _query("포장", "포장"),
    _query("반품 배송비", "반품", "배송비"), _query("스마트스토어 정산", "스마트스토어", "정산"),
    _query("광고 키워드", "광고", "키워드"),
)  # fmt: skip
ABSENT = ("양자역학", "잠수함", "쀍", "zzzz", "북극곰 사육")
"""Nobody wrote these: the look-up that finds nothing must be as quick."""


def make_questions(count: int, *, seed: int = 26) -> Iterator[Made]:
    """Yield ``count`` questions, always the same for a seed; a third of the things are talked of often."""
    chance = random.Random(seed)  # noqa: S311 - made texts, no secrets
    things = list(THINGS)
    weights = [1 / (rank + 4) for rank in range(len(things))]
    chance.shuffle(things)
    for _ in range(count):
        picked = dict.fromkeys(chance.choices(things, weights, k=chance.choice((1, 1, 1, 2, 2, 3))))
        said = [_say(chance, thing) for thing in picked]
        about = frozenset(thing for _, things_said in said for thing in things_said)
        sentences = [f"{sentence}." for sentence, _ in said[1:]] + chance.sample(
            CHAT, chance.choice((1, 2, 3))
        )
        if chance.random() < 1 / 3:
            again, more = _say(chance, next(iter(picked)))
            sentences.append(f"{again}.")
            about |= more
        if chance.random() < 1 / 6:
            sentences.append(chance.choice(LOOK_ALIKE))
        chance.shuffle(sentences)
        yield Made(said[0][0], " ".join(sentences), about)


def _say(chance: random.Random, thing: str) -> tuple[str, set[str]]:
    """Return a sentence about a thing, and everything it names."""
    written, _, also = chance.choice(THINGS[thing]).partition("|")
    return _with_endings(chance.choice(TALK), written), {thing, *([also] if also else [])}


def _with_endings(pattern: str, noun: str) -> str:
    """Put a noun into a sentence with the endings its last letter asks for."""
    final = (ord(noun[-1]) - ord("가")) % 28 if "가" <= noun[-1] <= "힣" else 0

    def ending(match: re.Match[str]) -> str:
        closed, opened = NOUN_ENDS[match[1]]
        return opened if final == 0 or (match[1] == "으로" and final == 8) else closed

    return re.sub(r"\{(.+?)\}", ending, pattern.replace("{}", noun))
