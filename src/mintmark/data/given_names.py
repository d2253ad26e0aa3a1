"""Given names that many people bear, by which a column of persons' names is told from one of places or products."""

_NAMES = """
    aarav aaron abby abdul abigail ada adam adrian agnes agnieszka ahmed ahmet aisha akira alain alan albert
    alejandra alejandro aleksei alessandro alexander alexandra alexandre alfie alfred ali alice alicia alina
    allison alyssa amanda amber amelia amina amit amy ana anders andre andrea andreas andrei andres andrew
    andrzej angela angelica anil anita anja anjali anna anne anneli annette anthony antje antoine antonio antti
    archie ariane arjun arthur arturo ashley astrid attila audrey aurelie ayse barbara beatrice beatriz ben
    benjamin benoit bernard bernd bettina betty bianca birgit bjorn bonnie bradley brandon brenda brian brigitte
    brittany bruno bryan camila camille carl carla carlos carmen carol carole caroline carolyn carsten catherine
    cathy cecilia celine chantal charlene charles charlotte cheryl chiara chloe chris christa christian
    christina christine christophe christopher cindy claire clara claudia claus cody courtney craig cristina
    cynthia damien dan daniel daniela danielle danny darren dave david debbie deborah debra deepak denis denise
    dennis derek diana diane diego dieter dirk dmitri dominik dominique donald donna dora doris dorothea dorothy
    douglas dustin dylan edith eduardo edward eleanor elena elif elisabeth elizabeth ella ellen elsa emil emilia
    emilie emily emine emma emmanuel emre enrique eric erica erik erika erin ernesto ernst erzsebet ethan eugene
    eva evelyn ewa fabian fabrice fatima fatma federica felix ferenc fernando filip florian frances francesca
    francesco francisco francois frank franz fred freddie frederic frederik friedrich gabor gabriel gabriela
    gabriele gary genevieve george georges gerald gerard gerhard gianni gilles gina giovanni gisela giulia
    giuseppe gladys glenn gloria grace greg gregory guillaume guillermo gunnar gustav haley hana hannah hans
    harald harold harriet harry hasan hassan hatice heather heidi heike heinrich heinz helen helena helga helmut
    henri henrik henry herbert hiroshi holger holly hugo huseyin hussein ian ibrahim ilona ines ingo ingrid
    irene irina iryna isaac isabel isabelle isla ismail istvan ivan ivana ivo jack jacob jacqueline jacques
    jakob jakub james jamie jan jana jane janet janice jared jari jaroslav jasmine jason javier jean jeff
    jeffrey jennifer jenny jens jeremy jerry jesse jessica jesus jill jim jiri joachim joan joanna joao joaquin
    jochen joe joel johan johann johanna johannes john johnny jonas jonathan jorge jose josef joseph josephine
    joshua josip joyce juan juana juanita judith judy juha jukka julia julian julie julien jurgen justin karen
    kari karim karin karl karla karsten kasper katalin katarzyna kate katerina katharina katherine kathleen
    kathryn kathy katja katrin kavita kayla keiko keith kelly kelsey kenji kenneth kerstin kevin khalid kim
    kimberly klaus kristen kristin kristina krzysztof kurt kyle lakshmi larissa lars laszlo laura lauren
    laurence laurent layla lea leah lena lenka leo leon leonie leticia liam liisa lily lina linda lisa lorena
    lorenzo lori lorraine louis louise luca lucas lucia lucie luigi luis luisa luka lukas lydia magdalena maja
    malgorzata manfred manon manuel manuela marc marcel marco marcus marek margaret margarita maria mariam
    mariana marie marija marina mario marion mark marketa marko markus marlene marta martha martin martina
    martine mary mateusz mathias mathieu matias mats matteo matthew matthias matti max maxim maxime megan mehmet
    meike melanie melissa meryem mia michael michal michel michele michelle miguel mikael mike mikhail mikko
    mildred minh mohamed mohammad mohammed monica monika monique murat mustafa nadia nadine nancy natalia
    natalie natalya nathalie nathan neha nguyen nicholas nick nicola nicolas nicole niels nikolai nikolaus nils
    nina noah noemie nora norbert ole oleg olena olga oliver olivia olivier omar oscar osman otto pablo pamela
    paola paolo pascal patricia patrick paul paula paulina pauline pavel pawel pedro peggy pekka per peter petr
    petra philip philipp philippe pierre pilar piotr pooja poppy priya rachel rafael rafaela rahul rainer rajesh
    ralf ralph ramesh ramon randy raquel rashid raul ravi raymond rebecca regina renate renato rene ricardo
    richard rita ritva robert roberta roberto robin rodrigo roger roland rolf ron ronald rosa rose rosemary roy
    ruben rudolf russell ruth ryan sabine sabrina sally salvatore sam samantha samuel sandeep sandra sandrine
    sanjay santiago sara sarah scott sean sebastian sergei sergio severine shannon sharon sheila silke silvia
    simon simone sofia sofie sonia sophia sophie stacey stacy stefan stefanie stefano stephan stephane stephanie
    stephen steve steven stjepan sunil sunita suresh susan susanne suzanne svein sven svenja svetlana sylvia
    sylvie takashi tamara tammy tanja tanya tara tatiana tatyana ted teresa terry theo theodor theresa therese
    thiago thierry thomas thorsten tiffany tim timo timothy tina tobias todd tom tomas tomasz torsten tracy
    travis trevor tuula tyler ulrich ulrike ursula ute uwe valentin valentina valeria valerie vanessa vera
    veronica veronika veronique vicki victor victoria vijay vincent vinicius virginia virginie viviane vladimir
    walter wanda wayne wendy werner wilhelm william willie wolfgang xavier yasmin yelena yoko yolanda youssef
    yuki yuri yusuf yves yvette yvonne zachary zainab zeynep zoe zofia zoltan
"""

GIVEN_NAMES = frozenset(_NAMES.split())
"""In small letters, without accents; less those that are as often places, months or words (Paris, August, Lane)."""
