"""Given names that many people bear, by which a column of persons' names is told from one of places or products."""

_NAMES = """
    aaron abdul abigail ada adam adrian agnes agnieszka ahmed aisha alain alan albert alejandra alejandro
    alessandro alexander alexandra alexandre alfred ali alice alicia alina allison alyssa amanda amber amelia
    amina amy ana anders andre andrea andreas andres andrew andrzej angela angelica anita anja anna anne annette
    anthony antje antoine antonio ariane arthur arturo ashley astrid audrey aurelie barbara beatrice beatriz ben
    benjamin benoit bernard bernd bettina bianca birgit bjorn bonnie brandon brenda brian brigitte bruno bryan
    camille carl carla carlos carmen carol carole caroline carolyn carsten catherine cathy cecilia celine
    chantal charlene charles charlotte cheryl chiara chloe chris christa christian christina christine
    christophe christopher cindy claire clara claudia claus cristina cynthia damien dan daniel daniela danielle
    danny darren dave david debbie deborah debra denis denise dennis derek diana diane diego dieter dirk dominik
    dominique donald donna dora dorothea dorothy douglas dylan edith eduardo edward eleanor elena elisabeth
    elizabeth ella ellen elsa emil emilia emilie emily emma emmanuel enrique eric erica erik erika erin ernesto
    ernst ethan eugene eva evelyn ewa fabian fabrice fatima federica felix fernando filip florian frances
    francesca francesco francisco francois frank franz fred frederic frederik friedrich gabriel gabriela
    gabriele gary genevieve george georges gerald gerard gerhard gianni gilles gina giovanni gisela giulia
    giuseppe gloria grace greg gregory guillaume guillermo gunnar gustav hannah hans harald harold harry heather
    heidi heike heinrich heinz helen helena helga helmut henri henrik henry herbert holger holly hugo ian
    ibrahim ines ingo ingrid irene irina isaac isabel isabelle ivan jack jacob jacqueline jacques jakob jakub
    james jamie jan jana jane janet janice jasmine jason javier jean jeff jeffrey jennifer jenny jens jeremy
    jerry jesse jessica jesus jill jim joachim joan joanna joao jochen joe joel johan johann johanna johannes
    john johnny jonas jonathan jorge jose josef joseph josephine joshua juan juana juanita judith judy julia
    julian julie julien jurgen justin karen karin karl karla karsten kasper katarzyna kate katharina katherine
    kathleen kathryn kathy katja katrin kayla keith kelly kenneth kerstin kevin kim kimberly klaus kristen
    kristin kristina krzysztof kurt kyle lars laura lauren laurence laurent lea leah lena leo leon leonie
    leticia liam lina linda lisa lorena lorenzo lori louis louise luca lucas lucia lucie luigi luis luisa lukas
    lydia magdalena maja malgorzata manfred manon manuel manuela marc marcel marco marcus marek margaret
    margarita maria mariana marie marina mario marion mark marketa markus marlene marta martha martin martina
    martine mary mateusz mathias mathieu mats matteo matthew matthias max maxime megan mehmet meike melanie
    melissa michael michal michel michele michelle miguel mikael mike mohamed mohammed monica monika monique
    mustafa nadia nadine nancy natalia natalie nathalie nathan nicholas nick nicola nicolas nicole niels
    nikolaus nils nina noah noemie nora norbert ole olga oliver olivia olivier omar oscar otto pablo pamela
    paola paolo pascal patricia patrick paul paula paulina pauline pawel pedro peggy per peter petra philip
    philipp philippe pierre pilar piotr rachel rafael rainer ralf ramon randy raquel raul raymond rebecca regina
    renate rene ricardo richard rita robert roberta roberto robin rodrigo roger roland rolf ron ronald rosa rose
    rosemary roy ruben rudolf russell ruth ryan sabine sabrina sally salvatore sam samantha samuel sandra
    sandrine sara sarah scott sean sebastian sergio severine shannon sharon sheila silke silvia simon simone
    sofia sofie sonia sophia sophie stacey stacy stefan stefanie stefano stephan stephane stephanie stephen
    steve steven susan susanne suzanne svein sven svenja sylvia sylvie tamara tanja tanya tara tatiana ted
    teresa terry theo theodor theresa therese thierry thomas thorsten tiffany tim timothy tina tobias todd tom
    tomas tomasz torsten tracy travis trevor tyler ulrich ulrike ursula ute uwe valentin valentina valerie
    vanessa vera veronica veronika veronique vicki victor victoria vincent virginia virginie viviane vladimir
    walter wanda wendy werner wilhelm william willie wolfgang xavier yasmin yolanda yves yvette yvonne zachary
    zoe zofia
"""

GIVEN_NAMES = frozenset(_NAMES.split())
"""In small letters, without accents; less those that are as often places, months or words (Paris, August, Lane)."""
