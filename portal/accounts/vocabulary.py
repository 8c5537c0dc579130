"""Words people choose from: what a question is about, where a shop is, what it sells."""

from enum import StrEnum


class Topic(StrEnum):
    """What a question or a need is about (말머리, domain research §4.8)."""

    ONBOARDING = "onboarding"
    PRODUCT_PAGE = "product_page"
    DELIVERY = "delivery"
    SETTLEMENT = "settlement"
    LIVE = "live"
    REVIEW = "review"
    FRAUD = "fraud"
    PHONE = "phone"
    OTHER = "other"


TOPIC_NAMES = {
    Topic.ONBOARDING: "입점",
    Topic.PRODUCT_PAGE: "상품 페이지",
    Topic.DELIVERY: "배송·반품",
    Topic.SETTLEMENT: "정산·세금",
    Topic.LIVE: "라이브",
    Topic.REVIEW: "리뷰",
    Topic.FRAUD: "사기 주의",
    Topic.PHONE: "휴대전화 다루기",
    Topic.OTHER: "그 밖의 것",
}


class Region(StrEnum):
    """The seventeen provinces and great cities (시·도)."""

    SEOUL = "seoul"
    BUSAN = "busan"
    DAEGU = "daegu"
    INCHEON = "incheon"
    GWANGJU = "gwangju"
    DAEJEON = "daejeon"
    ULSAN = "ulsan"
    SEJONG = "sejong"
    GYEONGGI = "gyeonggi"
    GANGWON = "gangwon"
    CHUNGBUK = "chungbuk"
    CHUNGNAM = "chungnam"
    JEONBUK = "jeonbuk"
    JEONNAM = "jeonnam"
    GYEONGBUK = "gyeongbuk"
    GYEONGNAM = "gyeongnam"
    JEJU = "jeju"


_NAMES = "서울 부산 대구 인천 광주 대전 울산 세종 경기 강원 충북 충남 전북 전남 경북 경남 제주"
REGION_NAMES = dict(zip(Region, _NAMES.split(" "), strict=True))
