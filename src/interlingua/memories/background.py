"""Texts that have nothing to do with each other: what their cosines are with, where a memory is small."""

TEXTS = tuple(
    line.strip()
    for line in """
    The ferry leaves for the island at noon.
    Add two spoons of flour and stir well.
    Her brother repairs old accordions.
    Printing is paused because the tray is empty.
    The committee postponed its decision until spring.
    Wolves were seen near the northern village.
    Choose a folder for the exported files.
    Interest rates have fallen for the third time this year.
    Rinse the wound with clean water.
    This bridge was built by Roman soldiers.
    Enter the code that we sent to your phone.
    The choir sings every Thursday evening.
    Photosynthesis takes place in green leaves.
    Your parcel could not be delivered today.
    He has been afraid of dogs since childhood.
    The goalkeeper was injured in the second half.
    Save changes before closing?
    Most of these coins are made of silver.
    The tenant shall pay the rent in advance.
    Turn off the engine while refuelling.
    A comet will be visible after sunset.
    Unknown error while reading the sensor
    We planted twelve apple trees behind the barn.
    The novel tells of a lighthouse keeper's daughter.
    Drag the slider to adjust the brightness.
    Several streets are closed because of the marathon.
    Keep out of reach of children.
    My grandmother never learned to swim.
    The vaccine must be stored below eight degrees.
    Sort by name
    The border was drawn after the war.
    Could you recommend a quiet restaurant?
    Glaciers are melting faster than expected.
    No network connection
    The orchestra rehearsed the last movement twice.
    Every employee has the right to paid leave.
    Press any key to continue.
    The price of copper doubled within a decade.
    Bees find their way by the position of the sun.
    The lecture on medieval law was cancelled.
    Zoom in
    She lost her passport at the airport.
    The server restarts automatically every night.
    Wool shrinks when it is washed too hot.
    An earthquake shook the capital on Sunday.
    Your subscription has expired.
    The twins look nothing alike.
    Attach the shelf to the wall with four screws.
    El tren llegó con media hora de retraso.
    Añada sal y pimienta al gusto.
    La impresora no responde.
    Mi vecino toca la trompeta.
    Le musée est fermé le lundi.
    Veuillez saisir votre mot de passe.
    Les prix du blé ont augmenté cet hiver.
    Il a neigé toute la nuit.
    Der Aufzug ist außer Betrieb.
    Wählen Sie eine Sprache aus.
    Die Ernte war dieses Jahr besonders gut.
    Meine Tante sammelt alte Landkarten.
    Il cane dorme sotto il tavolo.
    Il file è troppo grande.
    Domani andremo al mare.
    Il sindaco ha inaugurato la biblioteca.
    O barco partiu antes do amanhecer.
    Clique no botão para continuar.
    A reunião foi adiada para sexta-feira.
    Este rio corre para o norte.
    Поезд отправляется через пять минут.
    Введите адрес электронной почты.
    Дети играют во дворе.
    Цены на нефть снова выросли.
    Dosya bulunamadı.
    Bu akşam misafirlerimiz geliyor.
    Köprü üç yıl önce yapıldı.
    Kediler sütü sever.
    请重新启动设备。
    他们昨天搬到了南方。
    这本书讲的是一位医生的故事。
    明天可能会下雨。
    ファイルを保存しました。
    駅まで歩いて十分かかります。
    祖父は毎朝庭の手入れをする。
    この薬は食後に飲んでください。
    تعذر الاتصال بالخادم.
    تشرق الشمس من الشرق.
    اشترت أختي سيارة جديدة.
    الدرس يبدأ في الساعة التاسعة.
    पासवर्ड गलत है।
    किसान खेत में काम कर रहे हैं।
    यह पुल बहुत पुराना है।
    कल बाज़ार बंद रहेगा।
    Bofya hapa kuendelea.
    Mvua ilinyesha usiku kucha.
    Watoto wanacheza mpira.
    Hospitali iko karibu na soko.
    """.splitlines()
    if line.strip()
)
"""Sentences and labels of our own, in the languages that most memories have; every second one is English."""
