// The reference of full text search: BM25 of Apache Lucene with one of its analyzers. On standard input comes a document or
// a query a line (D or Q, its id, its text, between tabs), documents first; for every query a line goes out with the ids of
// its ten best documents.

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.lucene.analysis.*;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cn.smart.SmartChineseAnalyzer;
import org.apache.lucene.analysis.core.LowerCaseFilter;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.hi.HindiAnalyzer;
import org.apache.lucene.analysis.icu.segmentation.ICUTokenizer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.th.ThaiAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

public class Reference {
  static Analyzer analyzer(String name) {
    switch (name) {
      case "standard": return new StandardAnalyzer();
      case "english": return new EnglishAnalyzer();
      case "german": return new GermanAnalyzer();
      case "russian": return new RussianAnalyzer();
      case "arabic": return new ArabicAnalyzer();
      case "hindi": return new HindiAnalyzer();
      case "thai": return new ThaiAnalyzer();
      case "smartcn": return new SmartChineseAnalyzer();
      case "cjk": return new CJKAnalyzer();
      case "icu": return new Analyzer() {
        protected TokenStreamComponents createComponents(String field) {
          Tokenizer tokenizer = new ICUTokenizer();
          return new TokenStreamComponents(tokenizer, new LowerCaseFilter(tokenizer));
        }
      };
      default: throw new IllegalArgumentException("unknown analyzer " + name);
    }
  }

  public static void main(String[] args) throws IOException {
    Analyzer analyzer = analyzer(args[0]);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
    ByteBuffersDirectory directory = new ByteBuffersDirectory();
    IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer).setSimilarity(new BM25Similarity(1.2f, 0.75f)));
    List<String[]> queries = new ArrayList<>();
    for (String line; (line = in.readLine()) != null; ) {
      String[] parts = line.split("\t", 3);
      if (parts[0].equals("Q")) {
        queries.add(parts);
        continue;
      }
      Document document = new Document();
      document.add(new StoredField("id", parts[1]));
      document.add(new TextField("text", parts[2], Field.Store.NO));
      writer.addDocument(document);
    }
    writer.forceMerge(1);
    writer.close();
    IndexSearcher.setMaxClauseCount(1 << 20);
    IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(directory));
    searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
    for (String[] query : queries) {
      out.print(query[1]);
      for (ScoreDoc hit : searcher.search(terms(analyzer, query[2]), 10).scoreDocs) out.print("\t" + searcher.storedFields().document(hit.doc).get("id"));
      out.println();
    }
    out.flush();
  }

  /** Any of the terms of the text, each as often as it is there. */
  static Query terms(Analyzer analyzer, String text) throws IOException {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    try (TokenStream tokens = analyzer.tokenStream("text", text)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) query.add(new TermQuery(new Term("text", term.toString())), BooleanClause.Occur.SHOULD);
      tokens.end();
    }
    return query.build();
  }
}
