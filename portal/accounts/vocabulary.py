"""Words people choose from: what a question is about, where a shop is, what it sells."""

from enum import StrEnum

from portal.core.i18n import noted


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


REGION_NAMES = {
    Region.SEOUL: noted("서울"),
    Region.BUSAN: noted("부산"),
    Region.DAEGU: noted("대구"),
    Region.INCHEON: noted("인천"),
    Region.GWANGJU: noted("광주"),
    Region.DAEJEON: noted("대전"),
    Region.ULSAN: noted("울산"),
    Region.SEJONG: noted("세종"),
    Region.GYEONGGI: noted("경기"),
    Region.GANGWON: noted("강원"),
    Region.CHUNGBUK: noted("충북"),
    Region.CHUNGNAM: noted("충남"),
    Region.JEONBUK: noted("전북"),
    Region.JEONNAM: noted("전남"),
    Region.GYEONGBUK: noted("경북"),
    Region.GYEONGNAM: noted("경남"),
    Region.JEJU: noted("제주"),
}
